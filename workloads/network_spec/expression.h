// Integer expressions in network files: 4 * width, block_in / 4.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/error.h"

namespace rebasis::networks {

/// Names that an expression may use.
using Variables = std::map<std::string, std::int64_t>;

/// The value of numbers and names joined by + - * / with the usual precedence, without brackets. Divisions must be
/// exact. Values stay within +-2^40. Throws Error(bad_input) at `where` on anything else.
[[nodiscard]] std::int64_t evaluate(const std::string& text, const Variables& variables, const SourceLocation& where);

}  // namespace rebasis::networks
