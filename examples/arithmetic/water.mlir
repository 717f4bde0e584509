// Shallow water on a rotating, doubly periodic 32 x 32 grid (Arakawa C), forward-backward in time: height %h at centres, %u and %v on
// faces. With g = depth = dx = 1, dt = 0.1, f = 0.2 and a weak drag and smoothing; every step rounded to 10 bits after the leading one.

func.func @advance(%h0: tensor<32x32xf64>, %u0: tensor<32x32xf64>, %v0: tensor<32x32xf64>, %first: index, %last: index) -> (tensor<32x32xf64>, tensor<32x32xf64>, tensor<32x32xf64>) {
  %one = arith.constant 1 : index
  %dt = arith.constant dense<0.1> : tensor<32x32xf64>
  %f = arith.constant dense<0.2> : tensor<32x32xf64>
  %hn, %un, %vn = scf.for %t = %first to %last step %one iter_args(%h = %h0, %u = %u0, %v = %v0) -> (tensor<32x32xf64>, tensor<32x32xf64>, tensor<32x32xf64>) {
    // heights on faces, fluxes, and the height after the step
    %hx = qarith.stencil %h {offsets = array<i64: 0, 0, 0, 1>, weights = array<f64: 0.5, 0.5>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %hy = qarith.stencil %h {offsets = array<i64: 0, 0, 1, 0>, weights = array<f64: 0.5, 0.5>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %fx = arith.mulf %hx, %u : tensor<32x32xf64>
    %fy = arith.mulf %hy, %v : tensor<32x32xf64>
    %gx = qarith.stencil %fx {offsets = array<i64: 0, 0, 0, -1>, weights = array<f64: 1.0, -1.0>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %gy = qarith.stencil %fy {offsets = array<i64: 0, 0, -1, 0>, weights = array<f64: 1.0, -1.0>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %div = arith.addf %gx, %gy : tensor<32x32xf64>
    %dh = arith.mulf %dt, %div : tensor<32x32xf64>
    %ha = arith.subf %h, %dh : tensor<32x32xf64>
    %hbr = qarith.round %ha step %t {rounding = #qarith.rounding<sr, stream 0 of 1>} : tensor<32x32xf64> -> tensor<32x32x!qarith.fp<11, 10, 1023, ieee>>
    %hb = qarith.cast %hbr : tensor<32x32x!qarith.fp<11, 10, 1023, ieee>> -> tensor<32x32xf64>
    // kinetic energy and vorticity: the momentum equation in vector-invariant form
    %uu = arith.mulf %u, %u : tensor<32x32xf64>
    %vv = arith.mulf %v, %v : tensor<32x32xf64>
    %kx = qarith.stencil %uu {offsets = array<i64: 0, 0, 0, -1>, weights = array<f64: 0.25, 0.25>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %ky = qarith.stencil %vv {offsets = array<i64: 0, 0, -1, 0>, weights = array<f64: 0.25, 0.25>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %ke = arith.addf %kx, %ky : tensor<32x32xf64>
    %b = arith.addf %ke, %hb : tensor<32x32xf64>
    %bx = qarith.stencil %b {offsets = array<i64: 0, 1, 0, 0>, weights = array<f64: 1.0, -1.0>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %by = qarith.stencil %b {offsets = array<i64: 1, 0, 0, 0>, weights = array<f64: 1.0, -1.0>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %zv = qarith.stencil %v {offsets = array<i64: 0, 1, 0, 0>, weights = array<f64: 1.0, -1.0>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %zu = qarith.stencil %u {offsets = array<i64: 1, 0, 0, 0>, weights = array<f64: 1.0, -1.0>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %z = arith.subf %zv, %zu : tensor<32x32xf64>
    %q = arith.addf %z, %f : tensor<32x32xf64>
    // (f + vorticity) times the other velocity, each where it is needed; drag 1/1024; smoothing 1/64
    %va = qarith.stencil %v {offsets = array<i64: 0, 0, 0, 1, -1, 0, -1, 1>, weights = array<f64: 0.25, 0.25, 0.25, 0.25>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %qu = qarith.stencil %q {offsets = array<i64: 0, 0, -1, 0>, weights = array<f64: 0.5, 0.5>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %cu = arith.mulf %qu, %va : tensor<32x32xf64>
    %ua = qarith.stencil %u {offsets = array<i64: 0, 0, 1, 0, 0, -1, 1, -1>, weights = array<f64: 0.25, 0.25, 0.25, 0.25>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %qv = qarith.stencil %q {offsets = array<i64: 0, 0, 0, -1>, weights = array<f64: 0.5, 0.5>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %cv = arith.mulf %qv, %ua : tensor<32x32xf64>
    %au = arith.subf %cu, %bx : tensor<32x32xf64>
    %av0 = arith.addf %cv, %by : tensor<32x32xf64>
    %du = arith.mulf %dt, %au : tensor<32x32xf64>
    %dv = arith.mulf %dt, %av0 : tensor<32x32xf64>
    %us = qarith.stencil %u {offsets = array<i64: 0, 0, 0, -1, 0, 1, -1, 0, 1, 0>, weights = array<f64: 0.9365234375, 0.015625, 0.015625, 0.015625, 0.015625>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %vs = qarith.stencil %v {offsets = array<i64: 0, 0, 0, -1, 0, 1, -1, 0, 1, 0>, weights = array<f64: 0.9365234375, 0.015625, 0.015625, 0.015625, 0.015625>, boundary = #qarith.boundary<periodic>} : tensor<32x32xf64> -> tensor<32x32xf64>
    %uc = arith.addf %us, %du : tensor<32x32xf64>
    %vc = arith.subf %vs, %dv : tensor<32x32xf64>
    %ubr = qarith.round %uc step %t {rounding = #qarith.rounding<sr, stream 1 of 1>} : tensor<32x32xf64> -> tensor<32x32x!qarith.fp<11, 10, 1023, ieee>>
    %ub = qarith.cast %ubr : tensor<32x32x!qarith.fp<11, 10, 1023, ieee>> -> tensor<32x32xf64>
    %vbr = qarith.round %vc step %t {rounding = #qarith.rounding<sr, stream 2 of 1>} : tensor<32x32xf64> -> tensor<32x32x!qarith.fp<11, 10, 1023, ieee>>
    %vb = qarith.cast %vbr : tensor<32x32x!qarith.fp<11, 10, 1023, ieee>> -> tensor<32x32xf64>
    scf.yield %hb, %ub, %vb : tensor<32x32xf64>, tensor<32x32xf64>, tensor<32x32xf64>
  }
  func.return %hn, %un, %vn : tensor<32x32xf64>, tensor<32x32xf64>, tensor<32x32xf64>
}
