// Heat in a column of 50 cells whose ends are kept at their temperature, u' = u + k (u[i-1] - 2 u[i] + u[i+1]) with k = 1/4; 16 columns at once.

func.func @advance(%u0: tensor<16x50xf64>, %first: index, %last: index) -> tensor<16x50xf64> {
  %one = arith.constant 1 : index
  %un = scf.for %t = %first to %last step %one iter_args(%u = %u0) -> (tensor<16x50xf64>) {
    %v = qarith.stencil %u {offsets = array<i64: 0, -1, 0, 0, 0, 1>, weights = array<f64: 0.25, 0.5, 0.25>, boundary = #qarith.boundary<fixed>} : tensor<16x50xf64> -> tensor<16x50xf64>
    %r = qarith.round %v step %t {rounding = #qarith.rounding<sr, stream 0 of 1>} : tensor<16x50xf64> -> tensor<16x50x!qarith.fp<11, 8, 1023, ieee>>
    %n = qarith.cast %r : tensor<16x50x!qarith.fp<11, 8, 1023, ieee>> -> tensor<16x50xf64>
    scf.yield %n : tensor<16x50xf64>
  }
  func.return %un : tensor<16x50xf64>
}
