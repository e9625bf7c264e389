rebasis_part(rebasis_command_join SOURCES trace/join.cpp LINK rebasis_trace)
rebasis_command(trace ORDER 35
  SUMMARY "make a trace from your own tensors, or join traces into a family"
  LINK rebasis_layer_list rebasis_command_join)
