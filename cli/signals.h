// Ctrl-C: temporaries are removed and the process ends at once.
#pragma once

namespace rebasis::cli {

/// SIGINT, SIGTERM and SIGHUP remove the temporary files of unfinished outputs, say so on standard error and end the
/// process with 128 + the signal's number (130 for Ctrl-C). SIGBUS (a mapped input that was truncated by somebody else) ends it with status 2. SIGXFSZ is ignored.
void install_signal_handlers();

}  // namespace rebasis::cli
