// Reading many points of a store at once, without building a map for each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "dse/store.h"

namespace rebasis::dse {

/// A row of the table `point`. The views live until the visitor returns.
struct ScannedPoint {
  std::int64_t id = 0;
  PointStatus status = PointStatus::queued;
  std::string_view settings, metrics;  ///< JSON objects
  std::string_view reason;
  std::int64_t attempts = 0;
  double seconds = 0;
};

/// The points of a study in the order of their ids, as of one moment: others may go on writing. Throws Error(bad_input)
/// when the file is no store.
void scan_points(const std::string& path, std::int64_t study, const std::function<void(const ScannedPoint&)>& visit);

/// Calls text(name, value) for each member of a JSON object of texts. Throws Error(bad_input) naming `path` when it is
/// something else.
void read_texts(std::string_view json, const std::string& path,
                const std::function<void(std::string_view, std::string_view)>& text);
/// The same for an object of numbers; a null is left out.
void read_numbers(std::string_view json, const std::string& path,
                  const std::function<void(std::string_view, double)>& number);

}  // namespace rebasis::dse
