find_package(TBB REQUIRED)
rebasis_command(coders ORDER 35
  SUMMARY "compare lossless coders on the weights of a trace"
  SOURCES coders/files.cpp coders/measure.cpp coders/render.cpp
  LINK rebasis_coders rebasis_report rebasis_trace TBB::tbb fmt::fmt)
