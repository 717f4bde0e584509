// passes: lower-to-loops,drop-unused-parameters,loops-to-rust
func.func @product(%a: !spgemm.matrix<csr, ?x?xf64, i32>, %x: tensor<?xf64>) -> tensor<?xf64> {
  %y = spgemm.spmv %a, %x schedule(#spgemm.schedule<rust, tiny = 16>)
    : !spgemm.matrix<csr, ?x?xf64, i32>, tensor<?xf64> -> tensor<?xf64>
  func.return %y : tensor<?xf64>
}
