// C = A * B, three matrices in compressed rows.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @spgemm(%a: !matrix, %b: !matrix) -> !matrix {
  %c = spgemm.spgemm %a, %b : !matrix, !matrix -> !matrix
  return %c : !matrix
}
