// passes: lower-arithmetic
// In C: entries of 6 bits in one byte, four of which may be added; 32 outputs by each look-up.
func.func @gemv(%x: tensor<2x16xui4>, %w: tensor<32x16xsi2>) -> tensor<2x32xsi40> attributes {qarith.schedule = #qarith.schedule<cpu, threads = 1, shuffled = true>} {
  %t = qarith.build_tables %x {group = 4 : i64} : tensor<2x16xui4> -> tensor<2x4x16xsi16>
  %y = qarith.lookup %t, %w : tensor<2x4x16xsi16>, tensor<32x16xsi2> -> tensor<2x32xsi40>
  func.return %y : tensor<2x32xsi40>
}
