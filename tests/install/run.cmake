# Installs the build tree BUILD into an empty prefix below WORK, builds the consumer project SOURCE
# against that and nothing else of ours, and runs what it made.
# In: BUILD, SOURCE, WORK, GENERATOR, C_COMPILER, CXX_COMPILER, CXX_FLAGS.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed (${status}): ${command}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE} -B ${WORK}/build
  -D CMAKE_C_COMPILER=${C_COMPILER} -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
  -D "CMAKE_CXX_FLAGS=${CXX_FLAGS}" -D CMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)

# The program of docs/api.md, as it stands there, with the model of `airlock init`.
file(READ ${WORK}/prefix/share/doc/airlock/docs/api.md page)
string(REGEX MATCH "```cmake\n([^`]*)```" found "${page}")
file(WRITE ${WORK}/api/CMakeLists.txt "${CMAKE_MATCH_1}")
string(FIND "${page}" "```cpp\n" begin)
math(EXPR begin "${begin} + 7")
string(SUBSTRING "${page}" ${begin} -1 rest)
string(FIND "${rest}" "```" end)
string(SUBSTRING "${rest}" 0 ${end} program)
file(WRITE ${WORK}/api/main.cpp "${program}")
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${WORK}/api -B ${WORK}/api/build
  -D CMAKE_C_COMPILER=${C_COMPILER} -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
  -D "CMAKE_CXX_FLAGS=${CXX_FLAGS}" -D CMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/api/build)
run(${WORK}/prefix/bin/airlock init ${WORK}/api/model)
execute_process(COMMAND ${WORK}/api/build/mine model always_host_runs_with_its_own_debugctl
  WORKING_DIRECTORY ${WORK}/api OUTPUT_VARIABLE said RESULT_VARIABLE status)
string(STRIP "${said}" said)
string(REGEX REPLACE "\n" "\n    " indented "${said}")
string(FIND "${page}" "    ${indented}" at)
if(NOT status EQUAL 0 OR at EQUAL -1 OR said STREQUAL "")
  message(FATAL_ERROR "docs/api.md does not say what its program prints (${status}):\n${said}")
endif()

# What people read: documentation, man pages, completion.
foreach(file share/doc/airlock/README.md share/doc/airlock/docs/tutorial.md
    share/man/man1/airlock.1 share/man/man1/airlock-prove.1
    share/bash-completion/completions/airlock)
  if(NOT EXISTS ${WORK}/prefix/${file})
    message(FATAL_ERROR "not installed: ${file}")
  endif()
endforeach()
