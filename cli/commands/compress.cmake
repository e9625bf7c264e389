# What compression reports; `networks` shows it too.
rebasis_part(rebasis_command_compress_report
  SOURCES compress/report.cpp compress/stage_progress.cpp
  LINK rebasis_encode rebasis_compress rebasis_common fmt::fmt)

rebasis_command(compress ORDER 30 TORCH
  SUMMARY "compress a network as a recipe says and trace it on real inputs"
  SOURCES compress/family.cpp compress/synthetic_trace.cpp
  LINK rebasis_command_compress_report rebasis_compress_network rebasis_synthetic TBB::tbb fmt::fmt)
