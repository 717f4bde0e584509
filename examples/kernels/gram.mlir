// C = transpose(A) * A: how columns meet in rows.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @gram(%a: !matrix) -> !matrix {
  %c = spgemm.spgemm transposed %a, %a : !matrix, !matrix -> !matrix
  return %c : !matrix
}
