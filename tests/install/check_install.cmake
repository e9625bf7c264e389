# cmake -DBUILD=... -DEXAMPLE=... -DWORK=... -DLIBDIR=... -DCXX=... -P check_install.cmake
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

must_run(log ${CMAKE_COMMAND} -S ${EXAMPLE} -B ${WORK}/example -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX})
must_run(log ${CMAKE_COMMAND} --build ${WORK}/example)
must_run(log ${WORK}/example/uses_rebasis)
must_hold("${log}" "smartdeal: model smartdeal")
