// Who can be reached in two steps, but not in one.

!graph = !spgemm.matrix<csr, ?x?xi1, i32>

func.func @second_neighbours(%g: !graph) -> !graph {
  %c = spgemm.spgemm %g, %g semiring(or_and) mask(complement %g) : !graph, !graph, !graph -> !graph
  return %c : !graph
}
