// passes: kernel-to-piuma
func.func @product(%a: !spgemm.matrix<csr, ?x?xf64, i32>, %b: !spgemm.matrix<csr, ?x?xf64, i32>) -> !spgemm.matrix<csr, ?x?xf64, i32> {
  %c = spgemm.spgemm %a, %b schedule(#spgemm.schedule<piuma, hash = high_bits, work = static, window_log2 = 10>)
    : !spgemm.matrix<csr, ?x?xf64, i32>, !spgemm.matrix<csr, ?x?xf64, i32> -> !spgemm.matrix<csr, ?x?xf64, i32>
  func.return %c : !spgemm.matrix<csr, ?x?xf64, i32>
}
