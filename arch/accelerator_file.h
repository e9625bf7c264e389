// An accelerator's YAML file or preset: which model it is for, what it is based on, its energy table and parameters.
#pragma once

#include <string>
#include <vector>

#include "arch/config.h"

namespace rebasis::arch {

/// What an accelerator file says, its bases merged in. Five keys are taken out of `config` because they are not
/// parameters: `accelerator` (the model), `based_on` (a preset or file that supplies what this file does not say),
/// `energy` (the energy table), `recipe` (the compression that the accelerator was made for) and `description` (one
/// line for lists).
struct AcceleratorFile {
  std::string model;         ///< value of `accelerator`
  std::string energy_table;  ///< a table's name, or a path when it ends in .yaml; "" when no file names one
  std::string recipe;        ///< a recipe's name, or a path when it ends in .yaml; "" when no file names one
  std::string description;   ///< "" when no file has one
  RawConfig config;
  std::string source_path;  ///< the file that was read first
};

/// Reads a preset by its name (arch/presets/NAME.yaml) or a file by its path: a text with a '/' or ending in .yaml or
/// .yml is a path. `overrides` are the "key=value" of --set. Relative paths in `based_on`, `energy` and `recipe` start
/// at the folder of the file that names them, and at the working directory in an override. Throws Error(bad_input) on
/// an unknown name, a cycle of bases, a base for another model or a file without `accelerator`.
AcceleratorFile load_accelerator_file(const std::string& name_or_path, const std::vector<std::string>& overrides = {});

/// Applies the "key=value" of --set to a file that was read before; the same errors.
void apply_overrides(AcceleratorFile& file, const std::vector<std::string>& overrides);

/// Names of the shipped presets, sorted.
std::vector<std::string> preset_names();

}  // namespace rebasis::arch
