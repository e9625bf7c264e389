#include "arch/energy/energy_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>

#include "common/error.h"
#include "tests/support/errors.h"

namespace rebasis::test {
namespace {

using arch::EnergyTable;

const EnergyTable::Srams srams = {
    {"input_gb", {16384, 64}}, {"weight_buffer", {2048, 64}}, {"output_gb", {2048, 64}}, {"index_gb", {2048, 64}}};

std::string internal_error(const EnergyTable& table, const std::map<std::string, std::uint64_t>& actions) {
  try {
    (void)table.price_all(actions, srams);
  } catch (const Error& error) {
    return error.status() == Status::internal ? error.what() : "(other status)";
  }
  return "(no error)";
}

/// Writes `text` as a table beside a small sweep and returns the message of the error that loading it gives.
std::string load_error(const std::string& text) {
  std::ofstream("tiny.csv") << "size_B,width_bits,tech_um,cell,read_pJ\n1024,8,0.028,x,1\n4096,8,0.028,x,2\n"
                               "1024,16,0.028,x,1.5\n4096,16,0.028,x,3\n";
  std::ofstream("t.yaml") << text;
  return bad_input([] { (void)EnergyTable::load("./t.yaml"); });
}

std::string with_price(const std::string& lines) {
  return "name: t\ndescription: d\nprices:\n- component: dram\n  action: read_byte\n" + lines;
}

TEST_CASE("Table I of the paper is met exactly") {
  const EnergyTable table = EnergyTable::load("smartdeal-28nm");
  CHECK(table.price("dram", "read_byte", srams).count() == 100.0);
  CHECK(table.price("mac", "mac", srams).count() == 0.143);
  CHECK(table.price("line_fifo", "write_byte", srams).count() == 0.019);
  CHECK(table.price("mac", "digit_step", srams).count() == doctest::Approx(0.124 / 4 + 0.019).epsilon(1e-12));
  CHECK(table.price("weight_buffer", "read_byte", srams).count() == doctest::Approx(1.36).epsilon(1e-12));
  CHECK(table.price("output_gb", "write_byte", srams).count() == doctest::Approx(1.36).epsilon(1e-12));
  CHECK(table.price("input_gb", "read_byte", srams).count() == doctest::Approx(2.45).epsilon(1e-12));
}

TEST_CASE("SRAM prices of other geometries, computed by an independent program") {
  const EnergyTable table = EnergyTable::load("smartdeal-28nm");
  const auto price = [&table](std::uint64_t bytes, std::uint32_t bits) {
    return table.price("input_gb", "read_byte", {{"input_gb", {bytes, bits}}}).count();
  };
  CHECK(price(512, 64) == doctest::Approx(1.155).epsilon(0.001));
  CHECK(price(2048, 128) == doctest::Approx(1.391).epsilon(0.001));
  CHECK(price(16384, 48) == doctest::Approx(2.711).epsilon(0.001));
  CHECK(price(524288, 64) == doctest::Approx(7.308).epsilon(0.001));
}

TEST_CASE("every shipped table prices every action that the default one prices, each with a source") {
  const EnergyTable reference = EnergyTable::load("smartdeal-28nm");
  EnergyTable::Srams any;  // a geometry for every memory that there may be
  for (const arch::EnergyPrice& price : reference.prices()) any[price.component] = {2048, 64};
  CHECK(EnergyTable::names().size() >= 6);
  for (const std::string& name : EnergyTable::names()) {
    CAPTURE(name);
    const EnergyTable table = EnergyTable::load(name);
    CHECK(table.name() == name);
    CHECK(table.prices().size() == reference.prices().size());
    for (const arch::EnergyPrice& price : reference.prices()) {
      CHECK_NOTHROW((void)table.price(price.component, price.action, any));
    }
    for (const arch::EnergyPrice& price : table.prices()) CHECK(price.source.size() > 10);
    CHECK(table.describe().find("| dram | read_byte |") != std::string::npos);
  }
}

TEST_CASE("a table based on another changes only what it says") {
  const EnergyTable table = EnergyTable::load("smartdeal-28nm-lpddr4");
  CHECK(table.price("dram", "write_byte", srams).count() == 64.0);
  CHECK(table.price("mac", "mac", srams).count() == 0.143);
  CHECK(table.price("input_gb", "read_byte", srams).count() == doctest::Approx(2.45).epsilon(1e-12));
}

TEST_CASE("another process: all prices on the chip times a factor, the DRAM's stay") {
  const EnergyTable base = EnergyTable::load("smartdeal-28nm"), scaled = EnergyTable::load("smartdeal-65nm");
  const EnergyTable::Srams buffer{{"input_gb", {16384, 64}}};
  CHECK(scaled.price("mac", "mac", {}).count() == doctest::Approx(2.98 * 0.143));
  CHECK(scaled.price("input_gb", "read_byte", buffer).count() ==
        doctest::Approx(2.98 * base.price("input_gb", "read_byte", buffer).count()));
  CHECK(scaled.price("dram", "read_byte", {}).count() == 100);
  CHECK_THROWS_WITH_AS(static_cast<void>(EnergyTable::parse("name: a\ndescription: b\non_chip: {times: 2, source: c}\n"
                                                            "prices: [{component: d, action: e, pj: 1, source: f}]\n",
                                                            "t.yaml")),
                       "t.yaml:3: on_chip changes the prices of a base; add based_on: ...", Error);
}

TEST_CASE("other published numbers") {
  const EnergyTable eyeriss = EnergyTable::load("eyeriss-relative");
  const double mac = eyeriss.price("mac", "mac", srams).count();
  CHECK(eyeriss.price("dram", "read_byte", srams).count() == doctest::Approx(200 * mac));
  CHECK(eyeriss.price("input_gb", "read_byte", srams).count() == doctest::Approx(6 * mac));
  CHECK(eyeriss.price("weight_buffer", "read_byte", srams).count() == doctest::Approx(6 * mac));
  const EnergyTable horowitz = EnergyTable::load("horowitz-45nm");
  const auto cache = [&horowitz](std::uint64_t bytes) {
    return 8 * horowitz.price("input_gb", "read_byte", {{"input_gb", {bytes, 64}}}).count();
  };
  CHECK(cache(8192) == doctest::Approx(10));
  CHECK(cache(32768) == doctest::Approx(20));
  CHECK(cache(1 << 20) == doctest::Approx(100));
}

TEST_CASE("the price of all actions is the sum by component") {
  const EnergyTable table = EnergyTable::load("smartdeal-28nm");
  const auto energy = table.price_all(
      {{"dram.read_byte", 10}, {"dram.write_byte", 5}, {"input_gb.read_byte", 2}, {"mac.zero_step", 7}}, srams);
  CHECK(energy.size() == 3);
  CHECK(energy.at("dram") == doctest::Approx(1500));
  CHECK(energy.at("input_gb") == doctest::Approx(4.90));
  CHECK(energy.at("mac") == 0.0);
}

TEST_CASE("an action without a price fails and is named, even when it never happened") {
  const EnergyTable table = EnergyTable::load("smartdeal-28nm");
  CHECK(internal_error(table, {{"flux_capacitor.charge", 0}}) ==
        "energy table 'smartdeal-28nm' has no price for flux_capacitor.charge; add it to the table");
  CHECK(internal_error(table, {{"dram", 1}}).find("'dram'") != std::string::npos);
  CHECK_THROWS_AS((void)table.price("input_gb", "read_byte", {}), Error);
}

TEST_CASE("SRAMs outside the sweep are reported") {
  const EnergyTable table = EnergyTable::load("smartdeal-28nm");
  CHECK(table.warnings(srams).empty());
  const auto lines = table.warnings({{"input_gb", {4 << 20, 64}}, {"index_gb", {1024, 4}}, {"output_gb", {512, 256}}});
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] ==
        "the energy of input_gb (bank of 4194304 B, port of 64 bits) is extrapolated: the SRAM sweep covers 512 B to "
        "1048576 B, 8 to 256 bits");
  CHECK(EnergyTable::load("eyeriss-relative").warnings({{"input_gb", {4 << 20, 64}}}).empty());
}

TEST_CASE("malformed tables are refused with file and line") {
  CHECK(load_error(with_price("  pj: 1\n  source: s\n")) == "(no error)");
  CHECK(load_error(with_price("  pj: 1\n  sourc: s\n")).starts_with("./t.yaml:7: unknown key 'sourc'"));
  CHECK(load_error(with_price("  pj: 1\n  source: s\n") + "pries: 1\n").starts_with("./t.yaml:8: unknown key 'pries'"));
  CHECK(load_error(with_price("  pj: 1\n")).starts_with("./t.yaml:4: 'source' is missing"));
  CHECK(load_error(with_price("  pj: 1\n  source: ''\n")).starts_with("./t.yaml:7: source is empty"));
  CHECK(load_error(with_price("  pj: -1\n  source: s\n")).starts_with("./t.yaml:6: pj is '-1'"));
  CHECK(load_error(with_price("  pj: nan\n  source: s\n")).starts_with("./t.yaml:6: pj is 'nan'"));
  CHECK(load_error(with_price("  pj: 1 pJ\n  source: s\n")).starts_with("./t.yaml:6: pj is '1 pJ'"));
  CHECK(load_error(with_price("  pj: [1]\n  source: s\n")).starts_with("./t.yaml:6: pj is"));
  CHECK(load_error(with_price("  pj: 1\n  source: s\n  per: bit\n")).starts_with("./t.yaml:8: per is 'bit'"));
  CHECK(load_error(with_price("  pj: 1\n  source: s\n  per: byte\n  scales_with: sram\n"))
            .starts_with("./t.yaml:4: dram.read_byte scales with sram; add the section sram:"));
  CHECK(load_error(with_price("  pj: 1\n  source: s\n  scales_with: sram\n")).starts_with("./t.yaml:8:"));
  CHECK(load_error(with_price("  pj: 1\n  source: s\n- {component: dram, action: read_byte, pj: 2, source: s}\n"))
            .starts_with("./t.yaml:8: dram.read_byte has two prices"));
  CHECK(load_error("name: t\ndescription: d\nprices: []\n").starts_with("./t.yaml:3: prices must be a list"));
  CHECK(load_error("name: t\ndescription: d\n").starts_with("./t.yaml:1: 'prices' is missing"));
  CHECK(load_error("- 1\n").starts_with("./t.yaml:1: this is no map"));
  CHECK(load_error("").starts_with("./t.yaml"));
  CHECK(load_error("name: [\n").starts_with("./t.yaml:"));
  CHECK(load_error("name: t\ndescription: d\nbased_on: t.yaml\nprices: []\n").find("circle") != std::string::npos);
  CHECK(bad_input([] { (void)EnergyTable::load("smartdeal-29nm"); }).find("smartdeal-28nm") != std::string::npos);
  CHECK(bad_input([] { (void)EnergyTable::load("./no-such-file.yaml"); }).find("no-such-file") != std::string::npos);
}

TEST_CASE("malformed SRAM sections and sweeps are refused with file and line") {
  const auto sram = [](const std::string& anchors, const std::string& cell = "x") {
    return load_error("name: t\ndescription: d\nsram:\n  sweep: tiny.csv\n  tech_um: 0.028\n  cell: " + cell +
                      "\n  anchors:\n" + anchors +
                      "prices:\n  - {component: a, action: b, pj: 1, per: byte, scales_with: sram, source: s}\n");
  };
  const std::string small = "  - {bank_bytes: 1024, port_bits: 8, pj: 1, source: s}\n";
  CHECK(sram(small) == "(no error)");
  CHECK(sram(small + "  - {bank_bytes: 4096, port_bits: 8, pj: 3, source: s}\n") == "(no error)");
  CHECK(sram(small + "  - {bank_bytes: 4096, port_bits: 8, pj: 0.5, source: s}\n")
            .starts_with("./t.yaml:9: the anchors do not grow"));
  CHECK(sram(small + small).starts_with("./t.yaml:9: the anchors do not grow"));
  CHECK(sram("  - {bank_bytes: 0, port_bits: 8, pj: 1, source: s}\n").starts_with("./t.yaml:8: bank_bytes is '0'"));
  CHECK(sram("  - {bank_bytes: 1.5, port_bits: 8, pj: 1, source: s}\n").starts_with("./t.yaml:8: bank_bytes must be"));
  CHECK(sram(small, "y").starts_with("./t.yaml:4: ./tiny.csv has no two port widths"));
  const auto sweep = [](const std::string& csv) {
    std::ofstream("bad.csv") << csv;
    return bad_input([] { (void)arch::SramSweep::load("bad.csv", 0.028, "x", {"t.yaml", 4}); });
  };
  CHECK(sweep("").starts_with("bad.csv:1: there is no column 'size_B'"));
  const std::string header = "size_B,width_bits,tech_um,cell,read_pJ\n";
  CHECK(sweep(header + "1024,8,0.028,x\n").starts_with("bad.csv:2: 4 values; the header has 5"));
  CHECK(sweep(header + "1024,8,0.028,x,-1\n").starts_with("bad.csv:2: read_pJ is '-1'"));
  CHECK(sweep(header + "1024,8.5,0.028,x,1\n").starts_with("bad.csv:2: width_bits must be"));
  CHECK(sweep(header + "1024,8,0.028,x,1\n1024,8,0.028,x,1\n").starts_with("bad.csv:3: a second row"));
}

TEST_CASE("interpolation between four known points, by hand") {
  std::ofstream("tiny.csv") << "size_B,width_bits,tech_um,cell,read_pJ\n1024,8,0.028,x,1\n4096,8,0.028,x,2\n"
                               "1024,32,0.028,x,4\n4096,32,0.028,x,8\n";
  const auto sweep = arch::SramSweep::load("tiny.csv", 0.028, "x", {});
  CHECK(sweep.read_pj_per_byte({2048, 8}) == doctest::Approx(std::sqrt(2.0)));  // halfway on the log scale
  CHECK(sweep.read_pj_per_byte({1024, 16}) == doctest::Approx(2.0 / 2));        // 2 pJ for two bytes
  CHECK(sweep.read_pj_per_byte({16384, 8}) == doctest::Approx(4.0));            // slope 1/2 goes on
  CHECK(sweep.read_pj_per_byte({4096, 64}) == doctest::Approx(2.0));            // 16 pJ for eight bytes
  CHECK(sweep.covers({1024, 32}));
  CHECK(!sweep.covers({1023, 32}));
  CHECK(!sweep.covers({2048, 33}));
}

}  // namespace
}  // namespace rebasis::test
