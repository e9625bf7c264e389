#include "sim/core/dram_registry.h"

#include <map>
#include <utility>

#include "common/error.h"

namespace rebasis::sim {
namespace {

struct Entry {
  std::string description;
  DramFactory factory;
};

// A function-local object: registrars of other files run before this file's namespace-scope objects may exist.
std::map<std::string, Entry>& entries() {
  static std::map<std::string, Entry> all;
  return all;
}

}  // namespace

void register_dram(const std::string& name, const std::string& description, DramFactory factory) {
  const bool added = entries().emplace(name, Entry{description, std::move(factory)}).second;
  if (!added) fail_internal("two memory models are called '" + name + "'");
}

std::unique_ptr<DramModel> make_dram(const DramSpec& spec) {
  const auto found = entries().find(spec.model);
  if (found != entries().end()) return found->second.factory(spec);
  std::string names;
  for (const auto& [name, entry] : entries()) names += (names.empty() ? "" : ", ") + name;
  fail_input("dram.model: there is no memory model '" + spec.model + "'; known models: " + names);
}

std::map<std::string, std::string> dram_models() {
  std::map<std::string, std::string> descriptions;
  for (const auto& [name, entry] : entries()) descriptions[name] = entry.description;
  return descriptions;
}

}  // namespace rebasis::sim
