# cmake -DNPM=... -DFOLDER=... -P NpmFetch.cmake: installs what FOLDER/package-lock.json pins, or says why it cannot.
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
                WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE message)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "`npm ci` could not fetch what ${FOLDER}/package-lock.json pins: the first build needs a connection "
                      "to the npm registry.\n${message}")
endif()
