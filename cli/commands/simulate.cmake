rebasis_command(simulate ORDER 40
  SUMMARY "run a trace on an accelerator: cycles, stalls, energy and DRAM traffic"
  LINK rebasis_accelerator rebasis_bit_pragmatic_accelerator rebasis_scnn_accelerator rebasis_smartdeal_accelerator rebasis_report)
