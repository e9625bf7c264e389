// Where the files that ship with Rebasis are: presets, recipes, energy tables, networks.
#pragma once

#include <string>

namespace rebasis {

/// The folder that holds the shipped files under their names in the source tree, e.g. arch/presets/smartdeal.yaml:
/// $REBASIS_DATA_DIR when set, otherwise share/rebasis in the nearest folder above the program or library that this
/// code is in (PREFIX/share/rebasis when installed, BUILD/share/rebasis, which links to the source tree, when not).
/// Folders are registered with rebasis_data() in CMake. Fails when there is none.
[[nodiscard]] std::string data_dir();

/// data_dir() + "/" + `relative`, whether it exists or not.
[[nodiscard]] std::string data_path(const std::string& relative);

}  // namespace rebasis
