#include "arch/parameter.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/errors.h"
#include "tests/support/toy_spec.h"

using rebasis::Error;
using rebasis::Status;
using rebasis::arch::ParameterSet;
using rebasis::arch::RawConfig;
using rebasis::test::bad_input;
using rebasis::test::toy_parameters;
using rebasis::test::ToySpec;

namespace {

ToySpec resolve(const std::string& yaml) { return toy_parameters().resolve(RawConfig::parse(yaml, "a.yaml")); }

}  // namespace

TEST_CASE("an empty file gives the defaults") {
  const ToySpec spec = resolve("");
  CHECK(spec.banks == 32);
  CHECK(spec.lines == 8);
  CHECK(spec.buffer == 16384);
  CHECK(spec.frequency == 1e9);
  CHECK(spec.skip);
  CHECK(spec.note.empty());
  CHECK(spec.dram.bandwidth == 12.8);
  CHECK(spec.dram.model == "bandwidth");
}

TEST_CASE("nested maps, dotted keys and flow maps set the same parameters") {
  ToySpec expected = resolve("");
  expected.banks = 16;
  expected.dram.bandwidth = 25.6;
  CHECK(resolve("input_gb:\n  banks: 16\ndram:\n  bandwidth: 25.6\n") == expected);
  CHECK(resolve("input_gb.banks: 16\ndram.bandwidth: 25.6\n") == expected);
  CHECK(resolve("{input_gb: {banks: 16}, dram: {bandwidth: 25.6}}") == expected);
}

TEST_CASE("units that mean the same number are converted") {
  for (const char* text : {"500 MHz", "0.5 GHz", "500000 kHz", "5e8", "500000000 Hz", "500MHz", "  500   MHz  "}) {
    CAPTURE(text);
    CHECK(resolve(std::string("frequency: ") + text).frequency == 5e8);
  }
  CHECK(resolve("dram.bandwidth: 12800 MB/s").dram.bandwidth == 12.8);
  CHECK(resolve("dram.bandwidth: 1 GiB/s").dram.bandwidth == doctest::Approx(1.073741824).epsilon(1e-15));
  CHECK(resolve("input_gb.banks: 16 banks").banks == 16);
  CHECK(resolve("{input_gb.banks: 1 bank, lines: 1}").banks == 1);
}

TEST_CASE("sizes count in 1024 under both spellings") {
  for (const char* text : {"16384", "16384 B", "16KB", "16 KB", "16 KiB", "16KiB"}) {
    CAPTURE(text);
    CHECK(resolve(std::string("input_gb.size: ") + text).buffer == 16384);
  }
  CHECK(resolve("input_gb.size: 0.5 MB").buffer == 524288);
  CHECK(resolve("input_gb.size: 1 MiB").buffer == 1048576);
}

TEST_CASE("bad values are refused with file, line, cause and remedy") {
  struct Case {
    const char* yaml;
    std::string message;
  };
  const Case cases[] = {
      {"lines: 8\ninput_gb:\n  bank: 3\n", "a.yaml:3: unknown key 'input_gb.bank'; did you mean 'input_gb.banks'?"},
      {"zzz: 3\n", "a.yaml:1: unknown key 'zzz'; 'rebasis list parameters' shows the known keys"},
      {"input_gb: 3\n", "a.yaml:1: unknown key 'input_gb'; 'rebasis list parameters' shows the known keys"},
      {"input_gb.banks: many\n",
       "a.yaml:1: input_gb.banks: 'many' is not a whole number; write a whole number of banks, 1 to 64"},
      {"input_gb.banks: 2.5\n",
       "a.yaml:1: input_gb.banks: '2.5' is not a whole number; write a whole number of banks, 1 to 64"},
      {"input_gb.banks: 16 KiB\n",
       "a.yaml:1: input_gb.banks: '16 KiB' has the unit 'KiB'; write a whole number of banks, 1 to 64"},
      {"lines: 8 banks\n", "a.yaml:1: lines: '8 banks' has the unit 'banks'; write a whole number, 1 to 1024"},
      {"\n\ninput_gb.banks: 0\n",
       "a.yaml:3: input_gb.banks: '0' is out of range; write a whole number of banks, 1 to 64"},
      {"input_gb.banks: 65\n",
       "a.yaml:1: input_gb.banks: '65' is out of range; write a whole number of banks, 1 to 64"},
      {"input_gb.banks: 99999999999999999999\n",
       "a.yaml:1: input_gb.banks: '99999999999999999999' is not a whole number; write a whole number of banks, 1 to "
       "64"},
      {"lines: [1, 2]\n", "a.yaml:1: lines: '[1, 2]' is not a whole number; write a whole number, 1 to 1024"},
      {"frequency: 1 GB/s\n",
       "a.yaml:1: frequency: '1 GB/s' has the unit 'GB/s'; write a number of Hz, 1 MHz to 10 GHz"},
      {"frequency: 1 ghz\n", "a.yaml:1: frequency: '1 ghz' has the unit 'ghz'; write a number of Hz, 1 MHz to 10 GHz"},
      {"frequency: fast\n", "a.yaml:1: frequency: 'fast' is not a number; write a number of Hz, 1 MHz to 10 GHz"},
      {"frequency: nan\n", "a.yaml:1: frequency: 'nan' is not a number; write a number of Hz, 1 MHz to 10 GHz"},
      {"frequency: 1e999\n", "a.yaml:1: frequency: '1e999' is not a number; write a number of Hz, 1 MHz to 10 GHz"},
      {"frequency: 1 Hz\n", "a.yaml:1: frequency: '1 Hz' is out of range; write a number of Hz, 1 MHz to 10 GHz"},
      {"input_gb.size: 2 MiB\n",
       "a.yaml:1: input_gb.size: '2 MiB' is out of range; write a size like 512, 16 KiB or 2 MiB (KB and MB count in "
       "1024 too), 1 KiB to 1 MiB"},
      {"input_gb.size: 16 kb\n",
       "a.yaml:1: input_gb.size: '16 kb' is not a whole number of bytes; write a size like 512, 16 KiB or 2 MiB (KB "
       "and "
       "MB count in 1024 too), 1 KiB to 1 MiB"},
      {"input_gb.size: 1.0001 KB\n",
       "a.yaml:1: input_gb.size: '1.0001 KB' is not a whole number of bytes; write a size like 512, 16 KiB or 2 MiB "
       "(KB "
       "and MB count in 1024 too), 1 KiB to 1 MiB"},
      {"input_gb.size: 9223372036854775807 GiB\n",
       "a.yaml:1: input_gb.size: '9223372036854775807 GiB' is not a whole number of bytes; write a size like 512, 16 "
       "KiB "
       "or 2 MiB (KB and MB count in 1024 too), 1 KiB to 1 MiB"},
      {"dram:\n  bandwidth: 2000\n",
       "a.yaml:2: dram.bandwidth: '2000' is out of range; write a number of GB/s, 0.1 to 1000"},
      {"dram:\n  model: unlimted\n",
       "a.yaml:2: dram.model: 'unlimted' is not a choice; did you mean 'unlimited'?; write one of bandwidth, jedec, "
       "unlimited"},
      {"skip: yes\n", "a.yaml:1: skip: 'yes' is not a truth value; write true or false"},
      {"note: \"a\\x1b[31mb\"\n", "a.yaml:1: note: 'a\\x1b[31mb' has control characters; write text on one line"},
      {"skip: false\nlines: 5\n", "a.yaml:2: input_gb.banks is no multiple of lines; choose lines that divide it"},
      {"lines: 5\ninput_gb:\n  banks: 7\nskip: true\n",
       "a.yaml:3: input_gb.banks is no multiple of lines; choose lines that divide it"},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.yaml);
    CHECK(bad_input([&] { resolve(bad.yaml); }) == bad.message);
  }
}

TEST_CASE("a real prints with the largest prefix that keeps it exact") {
  const auto printed = [](const std::string& yaml) { return toy_parameters().print(resolve(yaml)).at("frequency"); };
  CHECK(printed("frequency: 1000 MHz") == "1 GHz");
  CHECK(printed("frequency: 1200000000") == "1.2 GHz");
  CHECK(printed("frequency: 1234567 Hz") == "1.234567 MHz");
  CHECK(resolve("frequency: 1000000.1 Hz").frequency == 1000000.1);
  CHECK(toy_parameters().print(resolve("")).at("dram.bandwidth") == "12.8 GB/s");
}

TEST_CASE("--set overrides the file and its errors name the option") {
  RawConfig config = RawConfig::parse("frequency: 500 MHz\nlines: 4\n", "a.yaml");
  config.set("frequency=250 MHz");
  config.set("dram.model=unlimited");
  const ToySpec spec = toy_parameters().resolve(config);
  CHECK(spec.frequency == 250e6);
  CHECK(spec.lines == 4);
  CHECK(spec.dram.model == "unlimited");
  config.set("lines=0");
  CHECK(bad_input([&] { (void)toy_parameters().resolve(config); }) ==
        "--set lines=0: lines: '0' is out of range; write a whole number, 1 to 1024");
}

TEST_CASE("every declared field reaches the description") {
  const auto infos = toy_parameters().describe();
  REQUIRE(infos.size() == 8);
  CHECK(infos[0].key == "input_gb.banks");
  CHECK(infos[0].type == "integer");
  CHECK(infos[0].default_text == "32 banks");
  CHECK(infos[0].unit == "banks");
  CHECK(infos[0].range == "1 to 64");
  CHECK(infos[0].description == "Banks of the input buffer.");
  CHECK(infos[0].source == "paper, Table IX");
  CHECK(infos[2].default_text == "16 KiB");
  CHECK(infos[2].range == "1 KiB to 1 MiB");
  CHECK(infos[6].key == "dram.bandwidth");
  CHECK(infos[7].range == "bandwidth, jedec, unlimited");
}

TEST_CASE("open ranges are described by the side that is closed") {
  struct One {
    std::int64_t value;
    double real;
  };
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ParameterSet<One> set;
  set.integer("value", &One::value, 1, 1, kMax, "", "A count.", "test")
      .real("real", &One::real, -1, -kInfinity, 0, "", "A bound.", "test");
  CHECK(set.describe()[0].range == "at least 1");
  CHECK(set.describe()[1].range == "at most 0");
  CHECK(bad_input([&] { (void)set.resolve(RawConfig::parse("value: 0", "a.yaml")); }) ==
        "a.yaml:1: value: '0' is out of range; write a whole number, at least 1");
}

TEST_CASE("parameters that act through the mapping alone are left out of what decides the timing") {
  auto set = toy_parameters();
  set.mapping_only({"input_gb.size", "dram.model"});
  const ToySpec spec = set.resolve({});
  auto rest = set.print(spec);
  rest.erase("input_gb.size");
  rest.erase("dram.model");
  CHECK(set.print_timing(spec) == rest);
  for (const auto& info : set.describe()) {
    CAPTURE(info.key);
    CHECK(info.mapping_only == (info.key == "input_gb.size" || info.key == "dram.model"));
  }
}

TEST_CASE("a wrong declaration is an internal error") {
  struct One {
    std::int64_t value;
  };
  const auto status_of = [](std::int64_t def, const std::string& description, bool twice) {
    try {
      ParameterSet<One> set;
      set.integer("value", &One::value, def, 0, 9, "", description, "test");
      if (twice) set.integer("value", &One::value, def, 0, 9, "", description, "test");
    } catch (const Error& error) {
      return error.status();
    }
    return Status::done;
  };
  CHECK(status_of(5, "A count.", false) == Status::done);
  CHECK(status_of(10, "A count.", false) == Status::internal);
  CHECK(status_of(5, "", false) == Status::internal);
  CHECK(status_of(5, "A count.", true) == Status::internal);
}
