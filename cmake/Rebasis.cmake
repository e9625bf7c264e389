# Settings and helpers that every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# A package found in one folder is needed again where the parts of that folder are linked into a program.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Links are many and small.
find_program(REBASIS_MOLD mold)
if(REBASIS_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Warnings and include root of every part. No -march: the programs run on any x86-64. -Wrestrict is off because g++ 12
# raises it falsely for "text" + std::string (GCC 105651).
add_library(rebasis_options INTERFACE)
target_compile_options(rebasis_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                                                 -Wcast-qual $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
                                                 $<$<BOOL:${REBASIS_WERROR}>:-Werror>)
target_include_directories(rebasis_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                     $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>)

# rebasis_light_code(): the parts of this folder hand the work to others, so time to compile counts more than time to run.
set(REBASIS_LIGHT_OPTION "$<$<CONFIG:Release>:-O1>" CACHE STRING "How such parts, and tests' own sources, are optimised")
macro(rebasis_light_code)
  add_compile_options(${REBASIS_LIGHT_OPTION})
endmacro()

# What tests test is optimised as in the programs; they themselves are light.
add_library(rebasis_test_options INTERFACE)
target_link_libraries(rebasis_test_options INTERFACE rebasis_options)
target_compile_options(rebasis_test_options INTERFACE ${REBASIS_LIGHT_OPTION})
target_compile_definitions(rebasis_test_options INTERFACE REBASIS_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                          REBASIS_BINARY_DIR="${PROJECT_BINARY_DIR}"
                                                          REBASIS_BIN_DIR="${PROJECT_BINARY_DIR}/bin")

# SystemC 2.3.4 with TLM-2.0. Debian builds it as C++17 and checks that at link time by a symbol whose name holds the
# language version, so every unit that includes it says so.
find_library(REBASIS_SYSTEMC_LIBRARY systemc)
find_path(REBASIS_SYSTEMC_INCLUDE systemc)
if(NOT REBASIS_SYSTEMC_LIBRARY OR NOT REBASIS_SYSTEMC_INCLUDE)
  message(FATAL_ERROR "SystemC is missing; scripts/setup installs it (Debian: libsystemc-dev)")
endif()
add_library(rebasis_systemc INTERFACE)
target_include_directories(rebasis_systemc SYSTEM INTERFACE ${REBASIS_SYSTEMC_INCLUDE})
target_compile_definitions(rebasis_systemc INTERFACE SC_CPLUSPLUS=201703L)
target_link_libraries(rebasis_systemc INTERFACE ${REBASIS_SYSTEMC_LIBRARY})
# libsystemc refers to sc_main; rebasis_link adds this weak one for programs that have their own main().
add_library(rebasis_sc_main OBJECT ${PROJECT_SOURCE_DIR}/lib/sc_main.cpp)
target_link_libraries(rebasis_sc_main PUBLIC rebasis_options)

# rebasis_part(NAME SOURCES f.cpp... LINK parts-and-libraries... [SYSTEM_INCLUDE dirs...])
# An OBJECT library: parts register themselves (accelerators, passes, commands), and a static archive would drop
# registrars that nothing refers to. CMake hands on the include paths and libraries of an OBJECT library, but not its
# objects; rebasis_link does that, from the LINK lists kept here. Part names start with rebasis_.
function(rebasis_part name)
  cmake_parse_arguments(PART "" "" "SOURCES;LINK;SYSTEM_INCLUDE" ${ARGN})
  add_library(${name} OBJECT ${PART_SOURCES})
  target_link_libraries(${name} PUBLIC rebasis_options ${PART_LINK})
  if(PART_SYSTEM_INCLUDE)
    target_include_directories(${name} SYSTEM PUBLIC ${PART_SYSTEM_INCLUDE})
  endif()
  set_property(GLOBAL APPEND PROPERTY REBASIS_PARTS ${name})
  set_property(GLOBAL PROPERTY REBASIS_PART_LINK_${name} "${PART_LINK}")
endfunction()

# rebasis_closure(VARIABLE parts-and-libraries...): the arguments and all they reach through the LINK lists of parts.
function(rebasis_closure variable)
  get_property(parts GLOBAL PROPERTY REBASIS_PARTS)
  set(todo ${ARGN})
  set(seen "")
  while(todo)
    list(POP_FRONT todo item)
    if(item IN_LIST seen)
      continue()
    endif()
    list(APPEND seen ${item})
    if(item IN_LIST parts)
      get_property(links GLOBAL PROPERTY REBASIS_PART_LINK_${item})
      list(APPEND todo ${links})
    elseif(item STREQUAL "rebasis_systemc")
      list(APPEND todo rebasis_sc_main)
    endif()
  endwhile()
  set(${variable} "${seen}" PARENT_SCOPE)
endfunction()

# rebasis_torch_free(VARIABLE): every part that reaches neither libtorch nor libonnx nor MPI; all of them make librebasis and the
# rebasis program, so that whatever registers itself is there without being named.
function(rebasis_torch_free variable)
  get_property(parts GLOBAL PROPERTY REBASIS_PARTS)
  set(free "")
  foreach(part ${parts})
    rebasis_closure(all ${part})
    list(REMOVE_ITEM all ${parts})
    if(NOT part MATCHES "^rebasis_(cli|command_.*)$" AND NOT "${all}" MATCHES "torch|onnx|protobuf|MPI::")
      list(APPEND free ${part})
    endif()
  endforeach()
  set(${variable} "${free}" PARENT_SCOPE)
endfunction()

# rebasis_missing(VARIABLE names...): the names that look like parts (words joined by _) and are none.
function(rebasis_missing variable)
  set(missing "")
  foreach(name ${ARGN})
    if(name MATCHES "^[a-z0-9]+(_[a-z0-9]+)+$" AND NOT TARGET ${name})
      list(APPEND missing ${name})
    endif()
  endforeach()
  set(${variable} "${missing}" PARENT_SCOPE)
endfunction()

# rebasis_link(TARGET parts-and-libraries...): links TARGET (program or shared library) with the objects of the parts
# and of every part that those link. The lists are read when all folders have been read, so the order of folders does
# not matter.
function(rebasis_link target)
  set_property(GLOBAL PROPERTY REBASIS_LINK_${target} "${ARGN}")
  target_link_libraries(${target} PRIVATE rebasis_options)
  cmake_language(EVAL CODE
    "cmake_language(DEFER DIRECTORY [[${PROJECT_SOURCE_DIR}]] CALL rebasis_link_now [[${target}]])")
endfunction()

function(rebasis_link_now target)
  get_property(items GLOBAL PROPERTY REBASIS_LINK_${target})
  rebasis_closure(all ${items})
  target_link_libraries(${target} PRIVATE ${all})
endfunction()

# rebasis_test_sources(TARGET SOURCES f.cpp... LINK parts-and-libraries...): gives a test or fuzz program its sources. What
# several programs list is compiled once for all of them, in an OBJECT library named after the file.
# Such a source sees the include paths of every part that one of its programs links.
function(rebasis_test_sources target)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINK" ${ARGN})
  set(sources "")
  foreach(source ${TEST_SOURCES})
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    list(APPEND sources ${source})
    set_property(GLOBAL APPEND PROPERTY "REBASIS_USERS_${source}" ${target})
    set_property(GLOBAL APPEND PROPERTY "REBASIS_USERS_LINK_${source}" ${TEST_LINK})
  endforeach()
  cmake_language(EVAL CODE
    "cmake_language(DEFER DIRECTORY [[${PROJECT_SOURCE_DIR}]] CALL rebasis_test_sources_now [[${target}]] [[${sources}]])")
endfunction()

function(rebasis_test_sources_now target sources)
  foreach(source ${sources})
    get_property(users GLOBAL PROPERTY "REBASIS_USERS_${source}")
    list(LENGTH users count)
    if(count EQUAL 1)
      target_sources(${target} PRIVATE ${source})
      continue()
    endif()
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE shared)
    string(MAKE_C_IDENTIFIER "shared_${shared}" shared)
    if(NOT TARGET ${shared})
      get_property(links GLOBAL PROPERTY "REBASIS_USERS_LINK_${source}")
      list(REMOVE_DUPLICATES links)
      add_library(${shared} OBJECT ${source})
      target_link_libraries(${shared} PRIVATE rebasis_test_options ${links})
    endif()
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${shared}>)
  endforeach()
endfunction()

# rebasis_precompile(PART HEADER LIBRARY): PART, and tests that link PART by name, read the big header HEADER of LIBRARY from a
# precompiled form. Sources include what they use as ever: without this they build as well, slower.
# g++ reads a precompiled header only with the same -O and -fPIC: PART's folder calls rebasis_light_code(), as tests have it.
function(rebasis_precompile part header library)
  string(MAKE_C_IDENTIFIER "precompiled_${header}" owner)
  if(NOT TARGET ${owner})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/nothing.cpp CONTENT "")
    add_library(${owner} OBJECT ${PROJECT_BINARY_DIR}/generated/nothing.cpp)
    target_link_libraries(${owner} PRIVATE rebasis_options ${library})
    target_precompile_headers(${owner} PRIVATE <${header}>)
    rebasis_precompiled_in_cache(${owner})
  endif()
  target_precompile_headers(${part} REUSE_FROM ${owner})
  # Both are raised falsely for "text" + std::string, as -Wrestrict is, once <string> comes from a precompiled header.
  target_compile_options(${part} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow> $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>)
  rebasis_precompiled_in_cache(${part})
  set_property(GLOBAL PROPERTY REBASIS_PRECOMPILED_${part} ${owner})
endfunction()

# What ccache asks of units with a precompiled header (its manual, "Precompiled headers").
function(rebasis_precompiled_in_cache target)
  target_compile_options(${target} PRIVATE $<IF:$<CXX_COMPILER_ID:GNU>,-fpch-preprocess,SHELL:-Xclang -fno-pch-timestamp>)
  if(CCACHE_PROGRAM AND CMAKE_CXX_COMPILER_LAUNCHER STREQUAL CCACHE_PROGRAM)
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE_PROGRAM}")
  endif()
endfunction()

# rebasis_data(FOLDER...): folders of the current source folder whose files ship with Rebasis. They are installed under
# share/rebasis with their place in the source tree, and BUILD/share/rebasis links to them (common/data_dir.h).
function(rebasis_data)
  foreach(folder ${ARGN})
    file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
    get_filename_component(parent ${relative} DIRECTORY)
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/rebasis/${parent})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/share/rebasis/${relative} SYMBOLIC)
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/rebasis/${parent})
  endforeach()
endfunction()
