// passes: lower-arithmetic
// On the machine: a thread's rows, tables in the scratchpad, two sums in a word, weights moved by DMA.
func.func @gemv(%x: tensor<2x4xsi8>, %w: tensor<8x4xsi2>) -> tensor<2x8xsi40> attributes {qarith.schedule = #qarith.schedule<piuma, group = 2>} {
  %t = qarith.build_tables %x {group = 2 : i64} : tensor<2x4xsi8> -> tensor<2x2x4xsi16>
  %y = qarith.lookup %t, %w : tensor<2x2x4xsi16>, tensor<8x4xsi2> -> tensor<2x8xsi40>
  func.return %y : tensor<2x8xsi40>
}
