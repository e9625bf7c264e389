# rebasis_fuzz(NAME SOURCES f.cpp... LINK parts...): a source that defines LLVMFuzzerTestOneInput, with its kept inputs in
# tests/fuzz/corpus/NAME. With REBASIS_FUZZ=ON (clang) it becomes a libFuzzer program. In every build it is also a test that
# feeds the kept inputs, so that what was once found stays found. Names start with fuzz_.
add_custom_target(fuzz_targets)  # all of them

function(rebasis_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;LINK" ${ARGN})
  rebasis_missing(missing ${FUZZ_LINK})
  if(missing)
    message(WARNING "fuzz target ${name} is left out: there is no part ${missing}")
    return()
  endif()
  add_executable(${name} ${FUZZ_SOURCES})
  rebasis_link(${name} ${FUZZ_LINK})
  add_dependencies(fuzz_targets ${name})
  if(REBASIS_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(once -runs=0)
  else()
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/replay_main.cpp)
    set(once "")
  endif()
  if(REBASIS_TESTS)
    add_test(NAME ${name} COMMAND ${name} ${once} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
  endif()
endfunction()
