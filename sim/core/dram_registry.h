// Memory models register themselves by name; a new model is one new file with one `DramRegistrar`.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/core/dram.h"

namespace rebasis::sim {

using DramFactory = std::function<std::unique_ptr<DramModel>(const DramSpec&)>;

/// Makes `factory` known under `name` for the life of the program. A name taken twice is an internal error.
void register_dram(const std::string& name, const std::string& description, DramFactory factory);

/// At namespace scope of a model's file: registers before main.
struct DramRegistrar {
  DramRegistrar(const std::string& name, const std::string& description, DramFactory factory) {
    register_dram(name, description, std::move(factory));
  }
};

}  // namespace rebasis::sim
