// C = A * B where A is stored by columns and B only has rows with entries.

!columns = !spgemm.matrix<csc, ?x?xf64, i32>
!rows = !spgemm.matrix<dcsr, ?x?xf64, i32>
!result = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @spgemm(%a: !columns, %b: !rows) -> !result {
  %c = spgemm.spgemm %a, %b : !columns, !rows -> !result
  return %c : !result
}
