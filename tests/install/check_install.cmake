# cmake -DBUILD=... -DEXAMPLE=... -DWORK=... -DLIBDIR=... -DGENERATOR=... -DCXX=... -DFLAGS=... -DTRACE=... -P check_install.cmake
file(REMOVE_RECURSE ${WORK})
set(prefix ${WORK}/prefix)

function(must_run output)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}: status ${status}\n${text}${errors}")
  endif()
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

function(must_hold text part)
  string(FIND "${text}" "${part}" at)
  if(at LESS 0)
    message(FATAL_ERROR "'${part}' is not in:\n${text}")
  endif()
endfunction()

must_run(log ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
# The build's own data must not be what is found.
must_run(log ${prefix}/bin/rebasis list networks)
must_hold("${log}" "${prefix}/share/rebasis/workloads/networks/fmnist_resnet20.onnx")
must_run(log ${prefix}/bin/rebasis list accelerators)
must_hold("${log}" "smartdeal")
if(EXISTS ${BUILD}/libexec/rebasis/rebasis-torch)
  must_run(log ${prefix}/bin/rebasis compress --help)
  must_hold("${log}" "rebasis compress -")
endif()

must_run(log ${CMAKE_COMMAND} -G "${GENERATOR}" -S ${EXAMPLE} -B ${WORK}/example -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX}
         "-DCMAKE_CXX_FLAGS=${FLAGS}")
must_run(log ${CMAKE_COMMAND} --build ${WORK}/example)

# The library has the accelerator, which only registers itself, and counts as the program does.
must_run(from_library ${WORK}/example/uses_rebasis ${TRACE} smartdeal)
must_run(log ${prefix}/bin/rebasis simulate ${TRACE} --accelerator smartdeal -o ${WORK}/result.json)
file(READ ${WORK}/result.json json)
string(JSON layers LENGTH "${json}" layers)
math(EXPR last "${layers} - 1")
set(from_program "")
foreach(i RANGE ${last})
  string(JSON name GET "${json}" layers ${i} name)
  string(JSON cycles GET "${json}" layers ${i} cycles)
  string(APPEND from_program "${name}: ${cycles} cycles\n")
endforeach()
if(NOT from_library STREQUAL from_program)
  message(FATAL_ERROR "the library says\n${from_library}and the program\n${from_program}")
endif()
