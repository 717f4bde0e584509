// One layer of a network at few bits: 24 samples of 40 inputs to 56 outputs. What comes in is divided by its scale and rounded to a
// small float, multiplied with weights that are small floats already, and scaled back. The sums are doubles: they hold sums of products
// of e4m3fn or e2m1 exactly, so that what is rounded is what comes in, and nothing else.

func.func @linear(%x: tensor<24x40xf64>, %x_scale: tensor<24x40xf64>, %w: tensor<56x40x!qarith.fp<e2m1>>, %scale: tensor<24x56xf64>, %bias: tensor<24x56xf64>) -> tensor<24x56xf64> {
  %scaled = arith.divf %x, %x_scale : tensor<24x40xf64>
  %q = qarith.round %scaled {rounding = #qarith.rounding<rn>} : tensor<24x40xf64> -> tensor<24x40x!qarith.fp<e4m3fn>>
  %sums = qarith.matmul %q, %w {accumulator = !qarith.fp<fp64>, rounding = #qarith.rounding<rn, special>, transpose_b} : tensor<24x40x!qarith.fp<e4m3fn>>, tensor<56x40x!qarith.fp<e2m1>> -> tensor<24x56xf64>
  %back = arith.mulf %sums, %scale : tensor<24x56xf64>
  %y = arith.addf %back, %bias : tensor<24x56xf64>
  func.return %y : tensor<24x56xf64>
}
