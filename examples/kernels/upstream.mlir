// C = A * B as MLIR itself says it: this file also goes through `mlir-opt --sparsifier`.

#CSR = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed), crdWidth = 32 }>

func.func @spgemm(%a: tensor<?x?xf64, #CSR>, %b: tensor<?x?xf64, #CSR>) -> tensor<?x?xf64, #CSR> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %rows = tensor.dim %a, %zero : tensor<?x?xf64, #CSR>
  %columns = tensor.dim %b, %one : tensor<?x?xf64, #CSR>
  %empty = tensor.empty(%rows, %columns) : tensor<?x?xf64, #CSR>
  %c = linalg.matmul ins(%a, %b : tensor<?x?xf64, #CSR>, tensor<?x?xf64, #CSR>)
                     outs(%empty : tensor<?x?xf64, #CSR>) -> tensor<?x?xf64, #CSR>
  return %c : tensor<?x?xf64, #CSR>
}
