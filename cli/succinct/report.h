// Tables and JSON of `rebasis succinct`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "workloads/succinct/measure.h"

namespace rebasis::cli {

[[nodiscard]] std::string succinct_tables(const succinct::NetworkResult& result);
[[nodiscard]] nlohmann::json succinct_json(const succinct::NetworkResult& result);

}  // namespace rebasis::cli
