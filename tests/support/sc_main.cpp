// The main function of test programs that run SystemC: libsystemc owns main() and calls sc_main().
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>
#include <systemc>

namespace {

// The kernel prints its banner before sc_main, unless this is set; CTest reads the list of cases from our output.
const int quiet_kernel = setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);

/// A model that makes SystemC warn is wrong: the case fails. Information is dropped.
void fail_on_report(const sc_core::sc_report& report, const sc_core::sc_actions&) {
  if (report.get_severity() == sc_core::SC_INFO) return;
  ADD_FAIL_CHECK_AT(report.get_file_name(), report.get_line_number(), report.what());
  if (report.get_severity() >= sc_core::SC_ERROR) throw report;
}

}  // namespace

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_handler(fail_on_report);
  doctest::Context context(argc, argv);
  return context.run();
}
