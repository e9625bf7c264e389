// What a point's settings mean for the hardware, before anything is simulated.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "arch/accelerator_file.h"
#include "arch/design_facts.h"
#include "arch/parameter_reference.h"
#include "dse/study.h"

namespace rebasis::dse {

struct Design {
  std::string accelerator;             ///< preset, or a file's absolute path
  std::vector<std::string> overrides;  ///< "key=value"
  std::string recipe;                  ///< of networks
  std::string digest;                  ///< of what the accelerator's files and the tables of prices say
  arch::DesignFacts facts;
  std::string infeasible;  ///< reason; empty: it can be built
};

/// The designs of a study. Resolving one takes microseconds: files are read once.
class Designs {
 public:
  /// Throws Error(bad_input) when a name of the study is a parameter of none of its accelerators and nothing else uses
  /// it.
  explicit Designs(const Study& study);

  [[nodiscard]] Design resolve(const Point& point) const;

 private:
  struct Base {
    arch::AcceleratorFile file;
    std::unique_ptr<arch::ParameterReference> reference;
    std::set<std::string> keys;
    std::string digest;
  };
  [[nodiscard]] const Base& base(const std::string& accelerator) const { return bases_.at(accelerator); }
  [[nodiscard]] const std::string& price_digest(const std::string& table) const;
  void add_base(const std::string& name);
  void check_names() const;
  [[nodiscard]] bool used_elsewhere(const std::string& name) const;

  const Study& study_;
  std::map<std::string, Base> bases_;
  mutable std::map<std::string, std::string> price_digests_;  ///< of tables that points name: read once
};

}  // namespace rebasis::dse
