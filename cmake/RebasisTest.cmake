# Tests: doctest, with rapidcheck for properties.
find_package(doctest REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
include(doctest)

# Tests that continuous integration also runs under sanitizers: what reads files of strangers, what handles processes and
# memory by hand, and one model of each kind. They have the label "sanitized", and this target builds them.
set(REBASIS_SANITIZED_TESTS
  unit_coders unit_config unit_dram_models unit_dse unit_encode unit_energy unit_file unit_io unit_json unit_layer_list
  unit_sweep unit_trace unit_smartdeal_layer property_coders property_config property_encode
  smartdeal_equivalence_test)
add_custom_target(sanitized_tests)

# The main function is compiled once, not once a test.
add_library(rebasis_test_main OBJECT ${PROJECT_SOURCE_DIR}/tests/support/main.cpp)
target_link_libraries(rebasis_test_main PUBLIC rebasis_options doctest::doctest)
add_library(rebasis_test_sc_main OBJECT ${PROJECT_SOURCE_DIR}/tests/support/sc_main.cpp)
target_link_libraries(rebasis_test_sc_main PUBLIC rebasis_options doctest::doctest rebasis_systemc)

# rebasis_test(NAME SOURCES f.cpp... LINK parts... [LABELS l...] [TIMEOUT seconds] [SYSTEMC] [CASES] [DEPENDS targets...])
#
# A doctest program linked with the given parts (and what those link), registered with CTest.
# SYSTEMC: the program's main is sc_main, and each test case is a CTest test of its own, because a process can
#          elaborate SystemC only once. Any SystemC warning or error fails the case.
# CASES: each test case is a CTest test of its own.
# DEPENDS: programs that the test starts; REBASIS_BIN_DIR names their folder.
# A source that several tests list is compiled once for all of them (rebasis_test_sources).
# The sources see REBASIS_SOURCE_DIR (root of the source tree) and REBASIS_BINARY_DIR as string literals; the working
# directory is one that the test may write to, of its own.
# A test of parts that this configuration does not build (REBASIS_TORCH=OFF) is left out with a message.
function(rebasis_test name)
  cmake_parse_arguments(TEST "SYSTEMC;CASES" "TIMEOUT" "SOURCES;LINK;LABELS;DEPENDS" ${ARGN})
  if(TEST_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "rebasis_test(${name}): unknown arguments ${TEST_UNPARSED_ARGUMENTS}")
  endif()
  rebasis_missing(missing ${TEST_LINK})
  if(missing)
    if(REBASIS_TORCH)
      message(WARNING "test ${name} is left out: there is no part ${missing}")
    else()
      message(STATUS "test ${name} is left out: ${missing} is not built")
    endif()
    return()
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(labels ${folder} ${TEST_LABELS})
  if(name IN_LIST REBASIS_SANITIZED_TESTS)
    list(APPEND labels sanitized)
    add_dependencies(sanitized_tests ${name})
  endif()

  add_executable(${name})
  target_link_libraries(${name} PRIVATE rebasis_test_options)
  rebasis_test_sources(${name} SOURCES ${TEST_SOURCES} LINK doctest::doctest rapidcheck ${TEST_LINK})
  foreach(part ${TEST_LINK})
    get_property(precompiled GLOBAL PROPERTY REBASIS_PRECOMPILED_${part})
    if(precompiled)
      target_precompile_headers(${name} REUSE_FROM ${precompiled})
      set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${name} PRIVATE -fPIC)  # not -fPIE, as the precompiled header
      rebasis_precompiled_in_cache(${name})
      break()
    endif()
  endforeach()
  if(TEST_SYSTEMC)
    set(main rebasis_test_sc_main)
  else()
    set(main rebasis_test_main)
  endif()
  rebasis_link(${name} ${main} doctest::doctest rapidcheck ${TEST_LINK})
  if(TEST_DEPENDS)
    add_dependencies(${name} ${TEST_DEPENDS})
  endif()

  set(work ${CMAKE_CURRENT_BINARY_DIR}/${name}.work)
  file(MAKE_DIRECTORY ${work})
  if(TEST_SYSTEMC OR TEST_CASES)
    doctest_discover_tests(${name} TEST_PREFIX "${name}: " WORKING_DIRECTORY ${work} ADD_LABELS 0
                           PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${labels}")
  else()
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${work})
    # Those that may take long start first, also in a run that has no earlier one to learn from.
    set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT} COST ${TEST_TIMEOUT} LABELS "${labels}")
  endif()
endfunction()
