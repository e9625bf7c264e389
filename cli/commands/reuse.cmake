rebasis_command(reuse ORDER 37
  SUMMARY "redundancy and microcontroller speed-up of reuse-based convolution"
  LINK rebasis_layer_reuse rebasis_report rebasis_trace fmt::fmt)
