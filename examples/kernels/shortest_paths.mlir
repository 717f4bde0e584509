// The shortest paths of at most two edges: those of two edges, and the edges themselves.

!lengths = !spgemm.matrix<csr, ?x?xf64, i32>

func.func @shortest_paths(%g: !lengths) -> !lengths {
  %c = spgemm.spgemm %g, %g semiring(min_plus) accumulate(%g) : !lengths, !lengths, !lengths -> !lengths
  return %c : !lengths
}
