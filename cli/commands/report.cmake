rebasis_command(report ORDER 60
  SUMMARY "render results and studies as a table, an HTML page, CSV or JSON"
  SOURCES report/study.cpp
  LINK rebasis_common rebasis_report rebasis_report_study)
