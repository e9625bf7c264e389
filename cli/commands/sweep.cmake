rebasis_command(sweep ORDER 60
  SUMMARY "explore designs: a study's points, simulated, kept and resumed"
  SOURCES sweep/dry_run.cpp sweep/mpi.cpp sweep/replay.cpp
  LINK rebasis_dse_run rebasis_dse_strategies rebasis_accelerator rebasis_smartdeal_accelerator
       rebasis_bit_pragmatic_accelerator rebasis_scnn_accelerator rebasis_report)
