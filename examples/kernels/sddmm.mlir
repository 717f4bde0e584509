// C = S ∘ (X * Y): a dense product where S has entries, scaled by them.

!matrix = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @sddmm(%s: !matrix, %x: tensor<?x?xf64>, %y: tensor<?x?xf64>) -> !matrix {
  %c = spgemm.sddmm %s, %x, %y : !matrix, tensor<?x?xf64>, tensor<?x?xf64> -> !matrix
  return %c : !matrix
}
