rebasis_command(trace ORDER 35
  SUMMARY "make a trace from your own tensors, compressed elsewhere"
  LINK rebasis_layer_list)
