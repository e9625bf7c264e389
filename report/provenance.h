// Who made a result, when and where.
#pragma once

#include "report/document.h"

namespace rebasis::report {

/// Version of this program, the time now (UTC) and the host's name; the other fields are empty.
[[nodiscard]] Provenance current_provenance();

}  // namespace rebasis::report
