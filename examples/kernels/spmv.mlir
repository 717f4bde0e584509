// y = A * x.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @spmv(%a: !matrix, %x: tensor<?xf64>) -> tensor<?xf64> {
  %y = spgemm.spmv %a, %x : !matrix, tensor<?xf64> -> tensor<?xf64>
  return %y : tensor<?xf64>
}
