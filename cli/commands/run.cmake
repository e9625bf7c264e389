rebasis_command(run ORDER 20 TORCH
  SUMMARY "execute a network on real inputs and measure its accuracy"
  SOURCES run/summary.cpp
  LINK rebasis_run rebasis_io rebasis_graph rebasis_text)
