// passes: inline-calls
func.func @scaled(%x: tensor<4xf64>) -> tensor<4xf64> {
  %k = arith.constant dense<0.5> : tensor<4xf64>
  %y = arith.mulf %x, %k : tensor<4xf64>
  func.return %y : tensor<4xf64>
}
func.func @twice(%x: tensor<4xf64>) -> tensor<4xf64> {
  %y = func.call @scaled(%x) : (tensor<4xf64>) -> tensor<4xf64>
  %z = func.call @scaled(%y) : (tensor<4xf64>) -> tensor<4xf64>
  %r = qarith.round %z {rounding = #qarith.rounding<rn>} : tensor<4xf64> -> tensor<4x!qarith.fp<bf16>>
  %s = qarith.cast %r : tensor<4x!qarith.fp<bf16>> -> tensor<4xf64>
  func.return %s : tensor<4xf64>
}
