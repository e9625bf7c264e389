// From the rows of a store to columns.
#pragma once

#include "dse/results/results.h"

namespace rebasis::dse {

/// Fills points, settings, metrics and objectives of `results`, whose store, study number and study are set.
void read_columns(StudyResults& results);

}  // namespace rebasis::dse
