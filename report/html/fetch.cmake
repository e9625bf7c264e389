# cmake -DNPM=... -DFOLDER=... -P fetch.cmake: installs what FOLDER/package-lock.json pins, or says why it cannot.
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
                WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE message)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "`npm ci` could not fetch the charting library of the HTML report (report/html/package-lock.json): "
                      "a connection to the npm registry is needed for the first build.\n${message}")
endif()
