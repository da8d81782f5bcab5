# CMake toolchain for the WebAssembly build: Emscripten's own, and what it leaves out. Works with a distribution's
# Emscripten (Debian 12 has 3.1.6) and with the current emsdk; `cmake --preset wasm` is the way in.
find_program(FOOTPRINT_EM_CONFIG em-config HINTS "$ENV{EMSDK}/upstream/emscripten")
if(NOT FOOTPRINT_EM_CONFIG)
  message(FATAL_ERROR "Emscripten was not found: `apt-get install emscripten`, `brew install emscripten`, or an emsdk on the PATH.")
endif()
execute_process(COMMAND "${FOOTPRINT_EM_CONFIG}" EMSCRIPTEN_ROOT
  OUTPUT_VARIABLE emscripten_root OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# Emscripten's emcmake gives node a flag here that node 20 refuses. Nothing of this build runs while it is configured.
find_program(FOOTPRINT_NODE NAMES node nodejs)
set(CMAKE_CROSSCOMPILING_EMULATOR "${FOOTPRINT_NODE}" CACHE FILEPATH "Runs programs of the target")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# No exceptions, no type information: the core uses neither, and they would be a quarter of the download.
set(CMAKE_CXX_FLAGS_INIT "-flto -fno-exceptions -fno-rtti")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "Flags of a release build")

include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")

# nlohmann_json is the host's, and is headers only. The host's include folder would hide the target's C library, so the
# core gets a folder that holds nothing else.
if(NOT NLOHMANN_JSON_INCLUDE)
  find_path(FOOTPRINT_HOST_INCLUDE nlohmann/json.hpp
    PATHS /usr/include /usr/local/include /opt/homebrew/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/host-headers")
  file(CREATE_LINK "${FOOTPRINT_HOST_INCLUDE}/nlohmann" "${CMAKE_BINARY_DIR}/host-headers/nlohmann"
    COPY_ON_ERROR SYMBOLIC)
  set(NLOHMANN_JSON_INCLUDE "${CMAKE_BINARY_DIR}/host-headers" CACHE PATH "A folder that holds only nlohmann/")
endif()
