// passes: lower-to-rv64,allocate-registers
func.func @main(%x: memref<?xf64>, %n: index, %out: memref<?xf64, #piuma.memory<dram, uncached>>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %none = arith.constant 0.0 : f64
  %sum = scf.for %i = %zero to %n step %one iter_args(%s = %none) -> (f64) {
    %j = arith.addi %i, %one : index
    %v = memref.load %x[%j] : memref<?xf64>
    %t = arith.addf %s, %v : f64
    scf.yield %t : f64
  }
  memref.store %sum, %out[%zero] : memref<?xf64, #piuma.memory<dram, uncached>>
  func.return
}
