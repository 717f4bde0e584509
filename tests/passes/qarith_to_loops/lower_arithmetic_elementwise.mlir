// passes: lower-arithmetic
// One loop for three ops; what is carried over the steps stays in one place.
func.func @decay(%x0: tensor<4xf64>, %last: index) -> tensor<4xf64> attributes {qarith.schedule = #qarith.schedule<rust>} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %k = arith.constant dense<0.75> : tensor<4xf64>
  %x = scf.for %t = %zero to %last step %one iter_args(%now = %x0) -> (tensor<4xf64>) {
    %y = arith.mulf %now, %k : tensor<4xf64>
    %r = qarith.round %y {rounding = #qarith.rounding<rz>} : tensor<4xf64> -> tensor<4x!qarith.fp<11, 8, 1023, ieee>>
    %n = qarith.cast %r : tensor<4x!qarith.fp<11, 8, 1023, ieee>> -> tensor<4xf64>
    scf.yield %n : tensor<4xf64>
  }
  func.return %x : tensor<4xf64>
}
