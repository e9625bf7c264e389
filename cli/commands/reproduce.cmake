rebasis_command(reproduce ORDER 65
  SUMMARY "tables and figures of the papers beside what comes out here"
  SOURCES reproduce/lab.cpp
  LINK rebasis_reproduce_targets rebasis_command_compare_steps)
