// C = A * A, of one operand.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @square(%a: !matrix) -> !matrix {
  %c = spgemm.spgemm %a, %a : !matrix, !matrix -> !matrix
  return %c : !matrix
}
