// passes: drop-unused-parameters
func.func private @twice(%x: f64, %unused: index) -> f64 {
  %sum = arith.addf %x, %x : f64
  func.return %sum : f64
}
func.func @caller(%x: memref<?xf64>, %at: index, %other: index) {
  %zero = arith.constant 0 : index
  %value = memref.load %x[%zero] : memref<?xf64>
  %sum = func.call @twice(%value, %at) : (f64, index) -> f64
  memref.store %sum, %x[%zero] : memref<?xf64>
  func.return
}
