# Settings and helpers that every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Warnings and include root of every part. SystemC of Debian is bound to C++17 by a link-time symbol.
add_library(rebasis_options INTERFACE)
target_compile_options(rebasis_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                                                 -Wcast-qual $<$<BOOL:${REBASIS_WERROR}>:-Werror>)
target_include_directories(rebasis_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                     $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>)

# rebasis_part(NAME SOURCES... LINK libs...)
# An OBJECT library: parts register themselves (accelerators, passes, commands), and a static archive would drop
# registrars that nothing refers to. Object files travel through rebasis_part links by $<TARGET_OBJECTS>.
function(rebasis_part name)
  cmake_parse_arguments(PART "" "" "SOURCES;LINK;SYSTEM_INCLUDE" ${ARGN})
  add_library(${name} OBJECT ${PART_SOURCES})
  target_link_libraries(${name} PUBLIC rebasis_options ${PART_LINK})
  if(PART_SYSTEM_INCLUDE)
    target_include_directories(${name} SYSTEM PUBLIC ${PART_SYSTEM_INCLUDE})
  endif()
endfunction()
