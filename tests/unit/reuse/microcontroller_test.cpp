// The microcontroller model against instructions counted by hand, and what must hold for any layer.
#include "workloads/reuse/microcontroller.h"

#include <doctest/doctest.h>

#include "tests/support/errors.h"

using namespace rebasis;
using namespace rebasis::reuse;

namespace {

const std::string folder = REBASIS_SOURCE_DIR "/workloads/reuse/microcontrollers/";

Microcontroller m4(const std::vector<std::string>& settings = {}) {
  return load_microcontroller(folder + "cortex-m4-180mhz.yaml", settings);
}

double step(const Steps& steps, const std::string& name) {
  for (const auto& [key, value] : steps) {
    if (key == name) return value;
  }
  FAIL("no step " << name);
  return 0;
}

}  // namespace

TEST_CASE("a layer of two rows, four inputs and two filters, counted by hand") {
  const Work work{.rows = 2, .depth = 4, .filters = 2, .length = 4, .hashes = 2, .redundancy = 0.5};
  const Steps full = full_cycles(work, m4());
  CHECK(step(full, "im2row") == 2 * (6 + 2 + 3));  // 6 instructions, two runs of memory, a branch
  // A block of two by two: 6 loads, 4 SXTB16, 8 SMLAD, a counter, a run, a branch; four outputs; 8 bytes of flash.
  CHECK(step(full, "product") == 19 + 1 + 3 + 4 * 8 + 8 / 16.0 * 5);
  const Steps shared = reuse_cycles(work, m4());
  CHECK(step(shared, "im2row") == 22);
  CHECK(step(shared, "hash") == 17 + 1 + 3 + 12);
  CHECK(step(shared, "table") == 2 * 9 + 9);                        // one bucket
  CHECK(step(shared, "centroid") == 2 * 21 + 4 * 4.5 + 12);         // a division
  CHECK(step(shared, "product") == 13 + 1 + 3 + 2 * 1.5 + 2.5);     // a block of one by two
  CHECK(step(shared, "gather") == 0.5 * (10 + 9 + 1 + 3) + 4 * 8);  // four of eight sums
  CHECK(total(shared) == 220);
  CHECK(speedup(work, m4()) == doctest::Approx(79.5 / 220));
  CHECK(speedup_by_operations(work) == doctest::Approx(1 / (2 / 2.0 + 0.5 + 1 / 4.0 + 1 / 2.0)));
}

TEST_CASE("a large product takes 23 cycles for 16 multiplications, and its weights from flash") {
  const Work work{.rows = 2000, .depth = 4000, .filters = 200};
  const double macs = 2000.0 * 4000 * 200;
  CHECK(step(full_cycles(work, m4({"weights=sram"})), "product") / macs == doctest::Approx(23 / 16.0).epsilon(0.01));
  // A byte of weights for each two multiplications, five wait states for 16 bytes.
  CHECK(step(full_cycles(work, m4()), "product") / macs == doctest::Approx(23 / 16.0 + 0.5 * 5 / 16).epsilon(0.01));
}

TEST_CASE("more redundancy is faster; groups, wait states and short sub-vectors cost what they must") {
  Work work{.rows = 256, .depth = 576, .filters = 64, .length = 144, .hashes = 5, .redundancy = 0.9};
  double before = 0;
  for (const double redundancy : {0.0, 0.3, 0.6, 0.9, 0.99}) {
    work.redundancy = redundancy;
    const double now = speedup(work, m4());
    CHECK(now > before);
    CHECK(now < speedup_by_operations({.filters = 64, .length = 144, .hashes = 1, .redundancy = 1}));
    before = now;
  }
  Work grouped = work;
  grouped.groups = 3;
  CHECK(total(reuse_cycles(grouped, m4())) == doctest::Approx(3 * total(reuse_cycles(work, m4()))));
  CHECK(total(full_cycles(work, m4({"sram_wait=1"}))) > total(full_cycles(work, m4())));
  Work shorter = work;
  shorter.length = 9;
  CHECK(total(reuse_cycles(shorter, m4())) > total(reuse_cycles(work, m4())));
  const Microcontroller m7 = load_microcontroller(folder + "cortex-m7-216mhz.yaml");
  CHECK(total(full_cycles(work, m7)) < total(full_cycles(work, m4())));
}

TEST_CASE("what r_t can be for one image") {
  CHECK(possible_redundancy(256, 5).least == 1 - 32 / 256.0);
  CHECK(possible_redundancy(256, 5).most == 1 - 1 / 256.0);
  CHECK(possible_redundancy(16, 5).least == 0);
  CHECK(possible_redundancy(16, 5).most == 0.9375);
}

TEST_CASE("settings are checked") {
  CHECK(test::bad_input([] { (void)m4({"issue=3"}); }).find("issue") != std::string::npos);
  CHECK(test::bad_input([] { (void)m4({"speed=3"}); }).find("speed") != std::string::npos);
  CHECK(test::bad_input([] { (void)load_microcontroller("none/none.yaml"); }).find("none/none.yaml") == 0);
}
