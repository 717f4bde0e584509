// Lorenz-63, dt = 0.01, fourth-order Runge-Kutta: 2000 trajectories at once, every stage rounded to 8 bits after the leading one.
// Steps are numbered from %first, so that a run in parts draws the random numbers of the whole run.

func.func @field(%x: tensor<2000xf64>, %y: tensor<2000xf64>, %z: tensor<2000xf64>) -> (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>) {
  %sigma = arith.constant dense<10.0> : tensor<2000xf64>
  %rho = arith.constant dense<28.0> : tensor<2000xf64>
  %eight = arith.constant dense<8.0> : tensor<2000xf64>
  %three = arith.constant dense<3.0> : tensor<2000xf64>
  %yx = arith.subf %y, %x : tensor<2000xf64>
  %dx = arith.mulf %sigma, %yx : tensor<2000xf64>
  %rz = arith.subf %rho, %z : tensor<2000xf64>
  %xrz = arith.mulf %x, %rz : tensor<2000xf64>
  %dy = arith.subf %xrz, %y : tensor<2000xf64>
  %xy = arith.mulf %x, %y : tensor<2000xf64>
  %ez = arith.mulf %eight, %z : tensor<2000xf64>
  %bz = arith.divf %ez, %three : tensor<2000xf64>
  %dz = arith.subf %xy, %bz : tensor<2000xf64>
  func.return %dx, %dy, %dz : tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>
}

func.func @advance(%x0: tensor<2000xf64>, %y0: tensor<2000xf64>, %z0: tensor<2000xf64>, %first: index, %last: index) -> (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>) {
  %one = arith.constant 1 : index
  %half = arith.constant dense<0.005> : tensor<2000xf64>
  %whole = arith.constant dense<0.01> : tensor<2000xf64>
  %two = arith.constant dense<2.0> : tensor<2000xf64>
  %sixth = arith.constant dense<6.0> : tensor<2000xf64>
  %xn, %yn, %zn = scf.for %t = %first to %last step %one iter_args(%x = %x0, %y = %y0, %z = %z0) -> (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>) {
    %k1x, %k1y, %k1z = func.call @field(%x, %y, %z) : (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>) -> (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>)
    %m1x = arith.mulf %half, %k1x : tensor<2000xf64>
    %a1x = arith.addf %x, %m1x : tensor<2000xf64>
    %s1xr = qarith.round %a1x step %t {rounding = #qarith.rounding<sr, stream 0 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s1x = qarith.cast %s1xr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %m1y = arith.mulf %half, %k1y : tensor<2000xf64>
    %a1y = arith.addf %y, %m1y : tensor<2000xf64>
    %s1yr = qarith.round %a1y step %t {rounding = #qarith.rounding<sr, stream 1 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s1y = qarith.cast %s1yr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %m1z = arith.mulf %half, %k1z : tensor<2000xf64>
    %a1z = arith.addf %z, %m1z : tensor<2000xf64>
    %s1zr = qarith.round %a1z step %t {rounding = #qarith.rounding<sr, stream 2 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s1z = qarith.cast %s1zr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %k2x, %k2y, %k2z = func.call @field(%s1x, %s1y, %s1z) : (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>) -> (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>)
    %m2x = arith.mulf %half, %k2x : tensor<2000xf64>
    %a2x = arith.addf %x, %m2x : tensor<2000xf64>
    %s2xr = qarith.round %a2x step %t {rounding = #qarith.rounding<sr, stream 3 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s2x = qarith.cast %s2xr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %m2y = arith.mulf %half, %k2y : tensor<2000xf64>
    %a2y = arith.addf %y, %m2y : tensor<2000xf64>
    %s2yr = qarith.round %a2y step %t {rounding = #qarith.rounding<sr, stream 4 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s2y = qarith.cast %s2yr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %m2z = arith.mulf %half, %k2z : tensor<2000xf64>
    %a2z = arith.addf %z, %m2z : tensor<2000xf64>
    %s2zr = qarith.round %a2z step %t {rounding = #qarith.rounding<sr, stream 5 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s2z = qarith.cast %s2zr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %k3x, %k3y, %k3z = func.call @field(%s2x, %s2y, %s2z) : (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>) -> (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>)
    %m3x = arith.mulf %whole, %k3x : tensor<2000xf64>
    %a3x = arith.addf %x, %m3x : tensor<2000xf64>
    %s3xr = qarith.round %a3x step %t {rounding = #qarith.rounding<sr, stream 6 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s3x = qarith.cast %s3xr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %m3y = arith.mulf %whole, %k3y : tensor<2000xf64>
    %a3y = arith.addf %y, %m3y : tensor<2000xf64>
    %s3yr = qarith.round %a3y step %t {rounding = #qarith.rounding<sr, stream 7 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s3y = qarith.cast %s3yr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %m3z = arith.mulf %whole, %k3z : tensor<2000xf64>
    %a3z = arith.addf %z, %m3z : tensor<2000xf64>
    %s3zr = qarith.round %a3z step %t {rounding = #qarith.rounding<sr, stream 8 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %s3z = qarith.cast %s3zr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %k4x, %k4y, %k4z = func.call @field(%s3x, %s3y, %s3z) : (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>) -> (tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>)
    %d1x = arith.addf %k2x, %k3x : tensor<2000xf64>
    %d2x = arith.mulf %two, %d1x : tensor<2000xf64>
    %d3x = arith.addf %k1x, %d2x : tensor<2000xf64>
    %d4x = arith.addf %d3x, %k4x : tensor<2000xf64>
    %d5x = arith.mulf %whole, %d4x : tensor<2000xf64>
    %d6x = arith.divf %d5x, %sixth : tensor<2000xf64>
    %a4x = arith.addf %x, %d6x : tensor<2000xf64>
    %nxr = qarith.round %a4x step %t {rounding = #qarith.rounding<sr, stream 9 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %nx = qarith.cast %nxr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %d1y = arith.addf %k2y, %k3y : tensor<2000xf64>
    %d2y = arith.mulf %two, %d1y : tensor<2000xf64>
    %d3y = arith.addf %k1y, %d2y : tensor<2000xf64>
    %d4y = arith.addf %d3y, %k4y : tensor<2000xf64>
    %d5y = arith.mulf %whole, %d4y : tensor<2000xf64>
    %d6y = arith.divf %d5y, %sixth : tensor<2000xf64>
    %a4y = arith.addf %y, %d6y : tensor<2000xf64>
    %nyr = qarith.round %a4y step %t {rounding = #qarith.rounding<sr, stream 10 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %ny = qarith.cast %nyr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    %d1z = arith.addf %k2z, %k3z : tensor<2000xf64>
    %d2z = arith.mulf %two, %d1z : tensor<2000xf64>
    %d3z = arith.addf %k1z, %d2z : tensor<2000xf64>
    %d4z = arith.addf %d3z, %k4z : tensor<2000xf64>
    %d5z = arith.mulf %whole, %d4z : tensor<2000xf64>
    %d6z = arith.divf %d5z, %sixth : tensor<2000xf64>
    %a4z = arith.addf %z, %d6z : tensor<2000xf64>
    %nzr = qarith.round %a4z step %t {rounding = #qarith.rounding<sr, stream 11 of 1>} : tensor<2000xf64> -> tensor<2000x!qarith.fp<11, 8, 1023, ieee>>
    %nz = qarith.cast %nzr : tensor<2000x!qarith.fp<11, 8, 1023, ieee>> -> tensor<2000xf64>
    scf.yield %nx, %ny, %nz : tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>
  }
  func.return %xn, %yn, %zn : tensor<2000xf64>, tensor<2000xf64>, tensor<2000xf64>
}
