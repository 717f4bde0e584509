"""The targets for arithmetic kernels: functions of `qarith` ops on tensors."""
