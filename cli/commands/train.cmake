rebasis_command(train ORDER 25 TORCH
  SUMMARY "train a network, or re-train it under a compression method"
  SOURCES train/history_files.cpp
  LINK rebasis_train rebasis_report rebasis_run rebasis_io rebasis_graph fmt::fmt)
