# Text files inside the program. Run as a script (cmake -P) it writes the C++ file; included, it
# declares the rule that does so whenever one of the headers changes.
if(CMAKE_SCRIPT_MODE_FILE)
  # In: ROOT, the folder; NAMES, files relative to it, separated by commas; FUNCTION, what gives
  # them out; HEADER, which declares it; OUTPUT.
  string(REPLACE "," ";" names "${NAMES}")
  set(arrays "")
  set(cases "")
  set(count 0)
  foreach(name IN LISTS names)
    # As characters, not as a string literal: literals have a length limit and delimiters.
    file(READ "${ROOT}/${name}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
    string(REGEX REPLACE "(('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',))"
      "\\1\n    " bytes "${bytes}")
    string(APPEND arrays "constexpr char text_${count}[] = {\n    ${bytes}'\\0'};\n")
    string(APPEND cases
      "  if (name == \"${name}\") return {text_${count}, sizeof text_${count} - 1};\n")
    math(EXPR count "${count} + 1")
  endforeach()
  file(WRITE "${OUTPUT}" "// Written by cmake/Embed.cmake; do not edit.
#include \"${HEADER}\"

namespace airlock {
namespace {
${arrays}}  // namespace

std::string_view ${FUNCTION}(std::string_view name) {
${cases}  return {};
}

}  // namespace airlock
")
  return()
endif()

# airlock_embed(OUT FUNCTION HEADER ROOT PATTERNS...): the files under ROOT that match a pattern, by
# their names relative to it, become what airlock::FUNCTION(), declared in HEADER, answers. OUT is
# set to the C++ file.
function(airlock_embed out function header root)
  list(TRANSFORM ARGN PREPEND ${root}/ OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE names CONFIGURE_DEPENDS RELATIVE ${root} ${patterns})
  list(TRANSFORM names PREPEND ${root}/ OUTPUT_VARIABLE files)
  list(JOIN names "," joined)
  set(output ${PROJECT_BINARY_DIR}/generated/${function}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D ROOT=${root} -D NAMES=${joined} -D FUNCTION=${function}
      -D HEADER=${header} -D OUTPUT=${output} -P ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    COMMENT "Embedding the files of ${function}()" VERBATIM)
  set(${out} ${output} PARENT_SCOPE)
endfunction()
