// Checks of error messages.
#pragma once

#include <string>

#include "common/error.h"

namespace rebasis::test {

/// The message of the bad-input Error that `action` throws, "(no error)" when it throws none.
template <class Action>
std::string bad_input(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.status() == Status::bad_input ? error.what() : std::string("(other status) ") + error.what();
  }
  return "(no error)";
}

}  // namespace rebasis::test
