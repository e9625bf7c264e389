// `rebasis sweep --dry-run`: how large a study is, what cannot be built, and how long it will take.
#pragma once

#include "dse/run/candidate.h"
#include "dse/run/executor.h"
#include "dse/store.h"
#include "dse/study.h"

namespace rebasis::cli {

/// Prints to standard output. Times a point or two with `executor` when `store` (null: there is none) holds no times.
void print_dry_run(const dse::Study& study, dse::Candidates& candidates, const dse::Store* store,
                   dse::Executor& executor);

}  // namespace rebasis::cli
