// C = A * B in single precision, with 64-bit indices.

!matrix = !spgemm.matrix<csr, ?x?xf32, i64>

func.func @spgemm(%a: !matrix, %b: !matrix) -> !matrix {
  %c = spgemm.spgemm %a, %b : !matrix, !matrix -> !matrix
  return %c : !matrix
}
