# cmake -DFOLDER=... -DTOP=... -P OneSource.cmake: all.cpp includes every source that Verilator wrote, whose names depend on the design.
file(GLOB sources RELATIVE ${FOLDER} ${FOLDER}/V${TOP}*.cpp)
list(SORT sources)
list(TRANSFORM sources REPLACE "(.+)" "#include \"\\1\"")
list(JOIN sources "\n" text)
file(WRITE ${FOLDER}/all.cpp "${text}\n")
