// rebasis sweep and merge as a user sees them, on real simulations of a small trace.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "dse/store.h"
#include "tests/support/process.h"

using namespace rebasis;
using namespace rebasis::test;

namespace {

constexpr const char* trace = REBASIS_SOURCE_DIR "/tests/golden/traces/fmnist_resnet20.trace";

void put(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Writes a study with that space (lines) and further keys.
void study(const std::string& file, const std::string& space, const std::string& more = {},
           const std::string& objectives = "[energy_pj, time_s]") {
  put(file, "workloads: [{trace: " + std::string(trace) + "}]\n" +
                (more.find("accelerator:") == std::string::npos ? "accelerator: smartdeal\n" : "") +
                "objectives: " + objectives + "\nspace:\n" + space + more);
}

std::string fresh(const std::string& store) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(store + suffix);
  return store;
}

/// Every figure of every point, by settings.
std::map<std::string, std::string> figures(const std::string& path) {
  const dse::Store store(path, dse::Store::Mode::read);
  std::map<std::string, std::string> all;
  const auto add = [](std::string& text, const std::map<std::string, double>& values) {
    for (const auto& [name, value] : values) text += name + "=" + std::to_string(value) + "\n";
  };
  for (const dse::PointRow& row : store.points()) {
    std::string name, text = std::string(dse::to_text(row.status)) + "\n";
    for (const auto& [key, value] : row.settings) name += key + "=" + value + " ";
    add(text, row.metrics);
    add(text, row.energy);
    for (const dse::LayerRow& layer : store.layers(row.id)) {
      text += layer.name;
      add(text, {{"cycles", layer.cycles}, {"dram", layer.dram_bytes}, {"pj", layer.energy_pj}});
    }
    all[name] = text;
  }
  return all;
}

constexpr const char* small = "  array.dim_M: [16, 32]\n  array.dim_C: [8, 16]\n";
constexpr const char* larger =
    "  array.dim_M: [16, 32]\n  array.dim_C: [8, 16]\n  index_gb.size: [24 KiB, 32 KiB, 48 KiB, 64 KiB, 96 KiB, 128 "
    "KiB]\n";

Outcome sweep(const std::string& file, const std::string& store, std::vector<std::string> more = {}) {
  std::vector<std::string> words{"sweep", file, "-o", store, "--quiet"};
  words.insert(words.end(), more.begin(), more.end());
  return run_rebasis(words);
}

}  // namespace

TEST_CASE("layers that are known give the same figures, and a new buffer dimension reuses most of them") {
  study("small.yaml", small);
  study("larger.yaml", larger);
  CHECK(sweep("small.yaml", fresh("memo.store")).status == 0);
  const Outcome more = run_rebasis({"sweep", "larger.yaml", "-o", "memo.store"});
  INFO(more.output);
  CHECK(more.status == 0);
  const std::size_t percent = more.output.find(" %) known");
  REQUIRE(percent != std::string::npos);
  CHECK(std::stoi(more.output.substr(more.output.rfind('(', percent) + 1)) >= 80);
  CHECK(sweep("larger.yaml", fresh("fresh.store")).status == 0);
  const auto known = figures("memo.store"), anew = figures("fresh.store");
  CHECK(anew.size() == 24);
  for (const auto& [name, text] : anew) CHECK(known.at(name) == text);
  // A replay simulates all layers.
  for (const std::string id : {"1", "9", "28"}) {
    const Outcome again = run_rebasis({"sweep", "memo.store", "--point", id});
    CHECK(again.status == 0);
    CHECK(again.output.find("every figure is the same") != std::string::npos);
  }
}

TEST_CASE("a point's result and accelerator file reproduce it") {
  study("small.yaml", small);
  CHECK(sweep("small.yaml", fresh("point.store")).status == 0);
  CHECK(run_rebasis({"sweep", "point.store", "--point", "3", "-o", "a.json"}).status == 0);
  CHECK(run_rebasis({"sweep", "point.store", "--point", "3", "-o", "b.json"}).status == 0);
  const auto without_provenance = [](const std::string& text) { return text.substr(text.find("\"accelerator\"")); };
  CHECK(run_rebasis({"sweep", "point.store", "--point", "3", "--export", "mine.yaml"}).status == 0);
  CHECK(run_rebasis({"simulate", trace, "--accelerator", "mine.yaml", "-o", "c.json"}).status == 0);
  const dse::PointRow row = *dse::Store("point.store", dse::Store::Mode::read).find(3);
  const Outcome shown = run_rebasis({"report", "c.json", "--csv", "/dev/stdout"});
  CHECK(shown.status == 0);
  const std::string a = content_of("a.json"), c = content_of("c.json");
  const std::size_t totals_a = a.find("\"totals\""), totals_c = c.find("\"totals\"");
  REQUIRE(totals_a != std::string::npos);
  CHECK(a.substr(totals_a) == c.substr(totals_c));
  CHECK(without_provenance(a).substr(0, 200) == without_provenance(content_of("b.json")).substr(0, 200));
  CHECK(row.status == dse::PointStatus::done);
  CHECK(run_rebasis({"sweep", "point.store", "--point", "99"}).status == 2);
}

TEST_CASE("three shards merge to what one run gives") {
  study("small.yaml", small);
  CHECK(sweep("small.yaml", fresh("one.store")).status == 0);
  for (const std::string part : {"1", "2", "3"})
    CHECK(sweep("small.yaml", fresh("part" + part + ".store"), {"--shard", part + "/3"}).status <= 1);
  fresh("all.store");
  CHECK(run_rebasis({"merge", "part1.store", "part2.store", "part3.store", "-o", "all.store"}).status == 0);
  CHECK(figures("all.store") == figures("one.store"));
}

TEST_CASE("Ctrl-C leaves a store that the next run completes; no process stays") {
  study("larger.yaml", larger, "limits: {attempts: 9}\n");
  fresh("stopped.store");
  int stopped = 0;
  for (const int delay_ms : {60, 120, 200}) {
    const Outcome outcome = run({REBASIS_BIN_DIR "/rebasis", "sweep", "larger.yaml", "-o", "stopped.store", "-j", "1"},
                                {.signal_after_ms = delay_ms, .signal_number = delay_ms == 120 ? SIGKILL : SIGINT});
    INFO(outcome.errors);
    CHECK((outcome.status == 0 || outcome.status == (delay_ms == 120 ? 137 : 130)));
    stopped += outcome.status == 0 ? 0 : 1;
  }
  MESSAGE(stopped << " of 3 stopped before their end");
  CHECK(sweep("larger.yaml", "stopped.store").status == 0);
  CHECK(sweep("larger.yaml", fresh("calm.store")).status == 0);
  CHECK(figures("stopped.store") == figures("calm.store"));
}

TEST_CASE("accelerator files of a study start at its folder") {
  (void)fresh_folder("elsewhere");
  put("elsewhere/mine.yaml", "based_on: smartdeal\narray.dim_F: 4\n");
  study("elsewhere/file.yaml", "  array.dim_M: [16, 32]\n", "accelerator: ./mine.yaml\n");
  CHECK(sweep("elsewhere/file.yaml", fresh("file.store")).status == 0);
  study("elsewhere/files.yaml", "  accelerator: [mine.yaml, smartdeal]\n", "# accelerator:\n");
  CHECK(sweep("elsewhere/files.yaml", fresh("files.store")).status == 0);
  CHECK(run_rebasis({"sweep", "files.store", "--point", "1"}).status == 0);
}

TEST_CASE("a full disk ends the sweep with words and keeps what was there") {
  study("larger.yaml", larger);
  (void)fresh_folder("disk");
  if (mount("rebasis-test", "disk", "tmpfs", 0, "size=300k") != 0) {
    MESSAGE("left out: a small file system cannot be mounted here");
    return;
  }
  const Outcome full = sweep("larger.yaml", "disk/a.store");
  const auto kept = full.status == 2 ? figures("disk/a.store") : std::map<std::string, std::string>();
  CHECK(mount("rebasis-test", "disk", "tmpfs", MS_REMOUNT, "size=16m") == 0);
  const Outcome again = sweep("larger.yaml", "disk/a.store");
  auto all = figures("disk/a.store");
  CHECK(umount("disk") == 0);
  INFO(full.errors);
  CHECK(full.status == 2);
  CHECK(full.errors.starts_with("rebasis: disk/a.store: "));
  CHECK(full.errors.find("full") != std::string::npos);
  CHECK(again.status == 0);
  CHECK(all.size() == 24);
  for (const auto& [name, text] : kept) {
    if (text.starts_with("done")) CHECK(all.at(name) == text);
  }
}

TEST_CASE("what a sweep refuses, and the words") {
  const auto refused = [](const std::string& file, const std::string& words) {
    const Outcome outcome = sweep(file, fresh("refused.store"));
    INFO(outcome.errors);
    CHECK(outcome.status == 2);
    CHECK(outcome.errors.find(words) != std::string::npos);
  };
  study("empty.yaml", "  array.dim_M: []\n");
  refused("empty.yaml", "empty.yaml:5: array.dim_M has no values");
  study("huge.yaml",
        "  array.dim_M: {from: 1, to: 1000, by: 1}\n  array.dim_C: {from: 1, to: 200, by: 1}\n  array.dim_F: {from: 1, "
        "to: 200, by: 1}\n");
  refused("huge.yaml", "40000000 combinations");
  study("unknown.yaml", "  array.dimM: [16]\n");
  refused("unknown.yaml", "array.dim_M");
  study("objective.yaml", "  array.dim_M: [16]\n", "", "[energy, time_s]");
  refused("objective.yaml", "energy_pj");
  study("accuracy.yaml", "  clock.frequency: [1 GHz]\n", "", "[accuracy]");
  const Outcome accuracy = sweep("accuracy.yaml", fresh("accuracy.store"));
  CHECK((accuracy.status == 0 || accuracy.errors.find("no accuracy") != std::string::npos));
  study("contradiction.yaml", "  array.dim_M: [16, 32]\n", "where: [array.dim_M > 100]\n");
  const Outcome none = sweep("contradiction.yaml", fresh("none.store"));
  CHECK(none.errors.find("no combination") != std::string::npos);
  CHECK(none.status == 1);
  study("small.yaml", small);
  put("text.store", std::string(5000, 'x'));
  CHECK(sweep("small.yaml", "text.store").errors.starts_with("rebasis: text.store: cannot be used as a store"));
  CHECK(sweep("small.yaml", fresh("future.store")).status == 0);
  CHECK(run({"/usr/bin/env", "python3", "-c",
             "import sqlite3; c = sqlite3.connect('future.store'); c.execute('PRAGMA user_version = 9'); c.commit()"})
            .status == 0);
  const Outcome future = sweep("small.yaml", "future.store");
  CHECK(future.status == 2);
  CHECK(future.errors.find("schema 9") != std::string::npos);
}
