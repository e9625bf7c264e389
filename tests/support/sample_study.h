// A store with the points of a made-up study, for tests and benchmarks of reports.
#pragma once

#include <cstdint>
#include <string>

namespace rebasis::test {

/// Random designs of an accelerator. Their metrics follow a rough law (compute and traffic bound the time, buffers save
/// traffic and cost area), so that fronts and dimensions look as they do in real studies; they are labelled synthetic.
/// Some points are infeasible; the first 1,000 have layers. `attack` goes into every name that a user may choose.
void write_sample_study(const std::string& path, std::size_t points, std::uint64_t seed,
                        const std::string& attack = "");

}  // namespace rebasis::test
