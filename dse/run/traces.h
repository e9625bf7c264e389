// Traces of a study's workloads: given, or made once for each recipe and kept beside the store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dse/run/designs.h"
#include "dse/study.h"

namespace rebasis::dse {

class Traces {
 public:
  /// `folder`: where made traces are kept; made when it is needed.
  Traces(const Study& study, std::string folder) : study_(study), folder_(std::move(folder)) {}

  /// Path of the workload's trace for this design. Compresses a network the first time, in a process of its own.
  /// Throws Error(infeasible) when the recipe cannot be applied.
  [[nodiscard]] std::string path(const Workload& workload, const Design& design, const Point& point);

 private:
  struct Recipe {
    std::string name, text;
  };
  [[nodiscard]] Recipe expanded(const Workload& workload, const Design& design, const Point& point) const;
  [[nodiscard]] std::string make(const Workload& workload, const Recipe& recipe);
  [[nodiscard]] std::vector<std::string> command(const Workload& workload, std::string& content);

  const Study& study_;
  std::string folder_;
  std::map<std::string, std::string> made_;     ///< recipe and workload -> path
  std::map<std::string, std::string> failed_;   ///< the same -> reason
  std::map<std::string, std::string> digests_;  ///< of input files
  [[nodiscard]] const std::string& file_digest(const std::string& path);
};

/// `text` with every ${name} replaced by the point's setting or number of that name. Throws Error(bad_input) at
/// `where` when there is none.
[[nodiscard]] std::string substituted(const std::string& text, const Point& point, const SourceLocation& where);

}  // namespace rebasis::dse
