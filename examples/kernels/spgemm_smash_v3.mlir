// C = A * B with a schedule that the file itself names.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @spgemm(%a: !matrix, %b: !matrix) -> !matrix {
  %c = spgemm.spgemm %a, %b
         schedule(#spgemm.schedule<piuma, hash = low_bits, slack_log2 = 3, write_back = dma,
                   double_buffer = true, cached = [a, b, pointers]>)
       : !matrix, !matrix -> !matrix
  return %c : !matrix
}
