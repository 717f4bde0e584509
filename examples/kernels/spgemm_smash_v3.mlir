// C = A * B with a schedule that the file itself names.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @spgemm(%a: !matrix, %b: !matrix) -> !matrix {
  %c = spgemm.spgemm %a, %b
         schedule(#spgemm.schedule<piuma, hash = low_bits, work = tokens, write_back = dma, double_buffer = true>)
       : !matrix, !matrix -> !matrix
  return %c : !matrix
}
