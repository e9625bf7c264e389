rebasis_command(verify ORDER 50
  SUMMARY "prove the simulator on a trace: clocked against arithmetic, fast against clocked"
  LINK rebasis_accelerator rebasis_bit_pragmatic_accelerator rebasis_scnn_accelerator rebasis_smartdeal_accelerator)
