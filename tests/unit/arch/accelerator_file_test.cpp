#include "arch/accelerator_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "common/file.h"
#include "tests/support/errors.h"

using rebasis::write_file;
using rebasis::arch::AcceleratorFile;
using rebasis::arch::load_accelerator_file;
using rebasis::arch::preset_names;
using rebasis::test::bad_input;

namespace {

/// A data folder of our own with two presets, and files of a user in users/.
struct Folder {
  Folder() {
    std::filesystem::remove_all("data");
    std::filesystem::create_directories("data/arch/presets");
    std::filesystem::create_directories("users");
    write_file(
        "data/arch/presets/toy.yaml",
        "accelerator: toy\nenergy: cmos28\ndescription: a toy\nlines: 8\ndram:\n  model: jedec\nrecipe: dense-int8\n");
    write_file("data/arch/presets/other.yaml", "accelerator: other\n");
    setenv("REBASIS_DATA_DIR", (std::filesystem::current_path() / "data").c_str(), 1);
  }
};

std::string load_error(const std::string& text, const std::vector<std::string>& overrides = {}) {
  write_file("users/mine.yaml", text);
  return bad_input([&] { load_accelerator_file("users/mine.yaml", overrides); });
}

}  // namespace

TEST_CASE_FIXTURE(Folder, "a preset is found by name, and its reserved keys are no parameters") {
  CHECK(preset_names() == std::vector<std::string>{"other", "toy"});
  const AcceleratorFile file = load_accelerator_file("toy");
  CHECK(file.model == "toy");
  CHECK(file.energy_table == "cmos28");
  CHECK(file.description == "a toy");
  CHECK(file.source_path.ends_with("data/arch/presets/toy.yaml"));
  CHECK(file.config.entries().size() == 2);
  CHECK(file.config.find("lines")->where.line == 4);
}

TEST_CASE_FIXTURE(Folder, "a user's file takes from its base what it does not say") {
  write_file("users/mine.yaml", "based_on: toy\nlines: 4\nskip: false\n");
  write_file("users/again.yaml", "based_on: mine.yaml\naccelerator: toy\nenergy: table.yaml\nskip: true\n");
  const AcceleratorFile file = load_accelerator_file("users/again.yaml");
  CHECK(file.model == "toy");
  CHECK(file.energy_table == "users/table.yaml");
  CHECK(file.config.find("lines")->value == "4");
  CHECK(file.config.find("lines")->where.file == "users/mine.yaml");
  CHECK(file.config.find("skip")->value == "true");
  CHECK(file.config.find("dram.model")->value == "jedec");
}

TEST_CASE_FIXTURE(Folder, "--set overrides parameters and the energy table") {
  const AcceleratorFile file =
      load_accelerator_file("toy", {"lines=2", "energy=my/table.yaml", "dram.model=unlimited"});
  CHECK(file.config.find("lines")->value == "2");
  CHECK(file.energy_table == "my/table.yaml");
  CHECK(file.config.find("energy") == nullptr);
  CHECK(file.config.find("dram.model")->value == "unlimited");
}

TEST_CASE_FIXTURE(Folder, "the recipe is inherited, replaced by a file's own, and no parameter") {
  CHECK(load_accelerator_file("toy").recipe == "dense-int8");
  CHECK(load_accelerator_file("toy").config.find("recipe") == nullptr);
  CHECK(load_accelerator_file("other").recipe.empty());
  write_file("users/r.yaml", "based_on: toy\n");
  CHECK(load_accelerator_file("users/r.yaml").recipe == "dense-int8");
  write_file("users/r.yaml", "based_on: toy\nrecipe: half.yaml\n");
  CHECK(load_accelerator_file("users/r.yaml").recipe == "users/half.yaml");
  CHECK(bad_input([] { load_accelerator_file("toy", {"recipe=smartdeal"}); }) ==
        "--set recipe=smartdeal: recipe is no parameter; write it in a file");
}

TEST_CASE_FIXTURE(Folder, "what cannot be loaded is refused where it is written") {
  CHECK(bad_input([] { load_accelerator_file("toi"); }) ==
        "unknown accelerator 'toi'; did you mean 'toy'?; give a .yaml file or one of other, toy");
  CHECK(bad_input([] { load_accelerator_file("../../etc/passwd"); }) != "(no error)");
  CHECK(load_error("lines: 3\n") ==
        "users/mine.yaml:1: there is no 'accelerator:'; write accelerator: MODEL, or based_on: PRESET");
  CHECK(load_error("lines: 3\nbased_on: tou\n") ==
        "users/mine.yaml:2: unknown accelerator 'tou'; did you mean 'toy'?; give a .yaml file or one of other, toy");
  CHECK(load_error("based_on: ./mine.yaml\n") ==
        "users/mine.yaml:1: based_on './mine.yaml' leads back to this file; base it on a preset");
  CHECK(load_error("based_on: toy\naccelerator: other\n") ==
        "users/mine.yaml:2: accelerator 'other' differs from 'toy' of the base 'toy'; write accelerator: toy or choose "
        "another base");
  CHECK(load_error("based_on: toy\n", {"accelerator=other"}) ==
        "--set accelerator=other: accelerator is no parameter; write it in a file");
  write_file("users/b.yaml", "based_on: mine.yaml\n");
  CHECK(load_error("\nbased_on: b.yaml\n") ==
        "users/b.yaml:1: based_on 'mine.yaml' leads back to this file; base it on a preset");
}

TEST_CASE_FIXTURE(Folder, "a chain of bases has an end") {
  for (int i = 0; i < 20; ++i) {
    write_file("users/c" + std::to_string(i) + ".yaml", "based_on: c" + std::to_string(i + 1) + ".yaml\n");
  }
  CHECK(bad_input([] { load_accelerator_file("users/c0.yaml"); }) ==
        "users/c15.yaml:1: more than 16 files are based on each other; merge some");
}
