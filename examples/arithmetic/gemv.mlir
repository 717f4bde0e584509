// 64 outputs from weights of 2 bits and a batch of 8 times 256 inputs of 8 bits, by look-up in tables of sums of 4 inputs.

func.func @gemv(%x: tensor<8x256xsi8>, %w: tensor<64x256xsi2>) -> tensor<8x64xsi40> {
  %t = qarith.build_tables %x {group = 4 : i64} : tensor<8x256xsi8> -> tensor<8x64x16xsi16>
  %y = qarith.lookup %t, %w : tensor<8x64x16xsi16>, tensor<64x256xsi2> -> tensor<8x64xsi40>
  func.return %y : tensor<8x64xsi40>
}
