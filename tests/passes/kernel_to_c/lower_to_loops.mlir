// passes: lower-to-loops
func.func @product(%a: !spgemm.matrix<csr, ?x?xf64, i32>, %x: tensor<?xf64>) -> tensor<?xf64> {
  %y = spgemm.spmv %a, %x schedule(#spgemm.schedule<cpu, threads = 2>)
    : !spgemm.matrix<csr, ?x?xf64, i32>, tensor<?xf64> -> tensor<?xf64>
  func.return %y : tensor<?xf64>
}
