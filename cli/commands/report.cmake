rebasis_command(report ORDER 60
  SUMMARY "render results as a table, an HTML page, CSV or JSON"
  LINK rebasis_common rebasis_report)
