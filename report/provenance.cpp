#include "report/provenance.h"

#include <unistd.h>

#include <array>
#include <ctime>

namespace rebasis::report {

Provenance current_provenance() {
  Provenance provenance;
  provenance.tool_version = REBASIS_VERSION;
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  provenance.time.assign(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc));
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0) provenance.host = host.data();
  return provenance;
}

}  // namespace rebasis::report
