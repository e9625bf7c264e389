rebasis_command(learn ORDER 27 TORCH
  SUMMARY "learn representations of one task after another, with layers that freeze"
  LINK rebasis_continual rebasis_run rebasis_io rebasis_graph fmt::fmt)
