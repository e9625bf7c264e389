// Ctrl-C: temporaries are removed and the process ends at once.
#pragma once

namespace rebasis::cli {

/// SIGINT, SIGTERM and SIGHUP remove the temporary files of unfinished outputs, say so on standard error and end the
/// process with 128 + the signal's number (130 for Ctrl-C). SIGBUS (a mapped input that somebody else truncated) ends
/// it with status 2. SIGXFSZ is ignored, so that a file size limit is an error of write().
void install_signal_handlers();

}  // namespace rebasis::cli
