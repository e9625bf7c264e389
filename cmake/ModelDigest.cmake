# cmake -DLIST=FILE -DHEADER=FILE -P ModelDigest.cmake: the SHA-256 of all files that LIST names, as a constant of a header.
file(STRINGS ${LIST} sources)
set(digests "")
foreach(source ${sources})
  file(SHA256 ${source} digest)
  string(APPEND digests ${digest})
endforeach()
string(SHA256 digest "${digests}")
file(CONFIGURE OUTPUT ${HEADER} CONTENT "// Made from the sources of what is simulated.\n#pragma once\n\n#define REBASIS_MODEL_DIGEST \"@digest@\"\n" @ONLY)
