# Everything but the command itself, for tests.
rebasis_part(rebasis_command_compare_steps
  SOURCES compare/execute.cpp compare/kept_outputs.cpp compare/networks.cpp compare/plan.cpp compare/processes.cpp
          compare/traces.cpp
  LINK rebasis_cli rebasis_command_trace_figures rebasis_config rebasis_dram rebasis_energy rebasis_recipes rebasis_report
       rebasis_trace)

rebasis_command(compare ORDER 45
  SUMMARY "put accelerators side by side on the same networks"
  LINK rebasis_command_compare_steps)
