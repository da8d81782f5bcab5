# Writes OUTPUT, a C++ file that holds every document of FOLDER. Run as `cmake -DFOLDER=… -DOUTPUT=… -P embed.cmake`.
file(GLOB documents "${FOLDER}/*.json")
list(SORT documents)
set(entries "")
foreach(document IN LISTS documents)
  get_filename_component(name "${document}" NAME_WE)
  file(READ "${document}" text)
  string(APPEND entries "    {\"${name}\", R\"document(${text})document\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"presets.hpp\"

namespace footprint::cli {

std::span<const Preset> presets() {
    static constexpr Preset list[] = {
${entries}    };
    return list;
}

}  // namespace footprint::cli
")
