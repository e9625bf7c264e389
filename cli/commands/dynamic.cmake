rebasis_command(dynamic ORDER 47
  SUMMARY "switch between sub-nets of a network under a budget that changes"
  LINK rebasis_report_dynamic)
