// Y = A * X for a dense X.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @spmm(%a: !matrix, %x: tensor<?x?xf64>) -> tensor<?x?xf64> {
  %y = spgemm.spmm %a, %x : !matrix, tensor<?x?xf64> -> tensor<?x?xf64>
  return %y : tensor<?x?xf64>
}
