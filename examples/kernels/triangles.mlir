// How many triangles each edge of a graph is in: paths of two edges between the ends of a third.

!graph = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @triangles(%g: !graph) -> !graph {
  %c = spgemm.spgemm %g, %g semiring(plus_pair) mask(%g) : !graph, !graph, !graph -> !graph
  return %c : !graph
}
