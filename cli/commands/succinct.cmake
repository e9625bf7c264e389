set(sources succinct/missing.cpp)
set(parts rebasis_common)
if(REBASIS_SUCCINCT)
  find_package(fmt REQUIRED)
  set(sources succinct/measure.cpp succinct/report.cpp)
  list(APPEND parts rebasis_succinct fmt::fmt)
endif()
rebasis_command(succinct ORDER 46
  SUMMARY "measure weights in succinct structures: size, and inference straight from them"
  SOURCES ${sources}
  LINK ${parts})
