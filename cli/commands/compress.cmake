rebasis_command(compress ORDER 30 TORCH
  SUMMARY "compress a network as a recipe says and trace it on real inputs"
  SOURCES compress/family.cpp compress/report.cpp
  LINK rebasis_compress_network TBB::tbb fmt::fmt)
