// The store: points are claimed once, leases expire, nothing acknowledged is lost.
#include "dse/store.h"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/errors.h"

using namespace rebasis;
using dse::Store;

namespace {

std::string fresh(const std::string& name) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(name + suffix);
  return name;
}

std::vector<std::int64_t> filled(Store& store, int count) {
  const std::int64_t study = store.add_study("s", "/s.yaml", "text");
  std::vector<dse::NewPoint> points;
  for (int i = 0; i < count; ++i)
    points.push_back({"k" + std::to_string(i), R"({"a": ")" + std::to_string(i) + "\"}", ""});
  return store.add_points(study, points);
}

dse::FinishedPoint result(double energy) {
  dse::FinishedPoint point;
  point.metrics["energy_pj"] = energy;
  point.seconds = 0.5;
  point.layers.push_back({"net", 0, "conv1", 10, 20, 1.5});
  return point;
}

}  // namespace

TEST_CASE("points are added once, claimed once, finished by their owner") {
  Store store(fresh("a.store"), Store::Mode::write);
  const auto ids = filled(store, 3);
  CHECK(filled(store, 3) == ids);
  CHECK(store.claim(ids[0], "w1", 60));
  CHECK_FALSE(store.claim(ids[0], "w2", 60));
  CHECK_FALSE(store.finish(ids[0], "w2", result(1)));
  CHECK(store.finish(ids[0], "w1", result(2)));
  CHECK_FALSE(store.finish(ids[0], "w1", result(3)));
  CHECK_FALSE(store.claim(ids[0], "w1", 60));
  const auto row = store.find(ids[0]);
  REQUIRE(row);
  CHECK(row->status == dse::PointStatus::done);
  CHECK(row->metrics.at("energy_pj") == 2);
  CHECK(row->settings.at("a") == "0");
  CHECK(store.find("k0")->id == ids[0]);
  REQUIRE(store.layers(ids[0]).size() == 1);
  CHECK(store.layers(ids[0])[0].dram_bytes == 20);
  CHECK(store.points().size() == 3);
}

TEST_CASE("a lease that is not renewed expires") {
  Store store(fresh("b.store"), Store::Mode::write);
  const auto ids = filled(store, 2);
  CHECK(store.claim(ids[0], "lost", 0.05));
  CHECK(store.claim(ids[1], "alive", 0.05));
  store.heartbeat("alive", 60);
  std::this_thread::sleep_for(std::chrono::milliseconds(80));
  CHECK(store.claim(ids[0], "other", 60));
  CHECK_FALSE(store.claim(ids[1], "other", 60));
  CHECK_FALSE(store.finish(ids[0], "lost", result(1)));
  CHECK(store.find(ids[0])->attempts == 2);
}

TEST_CASE("failed and infeasible points can be given back") {
  Store store(fresh("c.store"), Store::Mode::write);
  const auto ids = filled(store, 2);
  for (const auto id : ids) CHECK(store.claim(id, "w", 60));
  dse::FinishedPoint failed;
  failed.status = dse::PointStatus::failed;
  failed.reason = "time limit";
  failed.log = "what it said";
  CHECK(store.finish(ids[0], "w", failed));
  CHECK(store.finish(ids[1], "w", result(1)));
  CHECK(store.find(ids[0])->log == "what it said");
  CHECK(store.requeue(dse::PointStatus::failed) == 1);
  CHECK(store.claim(ids[0], "w", 60));
  CHECK_FALSE(store.claim(ids[1], "w", 60));
}

TEST_CASE("two processes share a store; one that is killed leaves what it finished") {
  const std::string path = fresh("d.store");
  std::vector<std::int64_t> ids;
  {
    Store store(path, Store::Mode::write);
    ids = filled(store, 200);
  }
  const auto work = [&](const std::string& owner) {
    Store store(path, Store::Mode::write);
    for (const std::int64_t id : ids) {
      if (store.claim(id, owner, 60)) (void)store.finish(id, owner, result(static_cast<double>(id)));
    }
  };
  std::vector<pid_t> workers;
  for (int i = 0; i < 2; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      work("w" + std::to_string(i));
      _exit(0);
    }
    workers.push_back(child);
  }
  for (const pid_t child : workers) {
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  const Store store(path, Store::Mode::read);
  for (const dse::PointRow& row : store.points()) {
    CHECK(row.status == dse::PointStatus::done);
    CHECK(row.attempts == 1);
    CHECK(row.metrics.at("energy_pj") == static_cast<double>(row.id));
  }
}

TEST_CASE("a point is given back with its log; a worker's points as if never tried; infeasible ones are never run") {
  Store store(fresh("g.store"), Store::Mode::write);
  const auto ids = filled(store, 2);
  CHECK(store.claim(ids[0], "w", 60));
  CHECK(store.claim(ids[1], "w", 60));
  CHECK_FALSE(store.release(ids[0], "other", "log"));
  CHECK(store.release(ids[0], "w", "log"));
  CHECK(store.find(ids[0])->log == "log");
  CHECK(store.find(ids[0])->attempts == 1);
  store.release_all("w");
  CHECK(store.find(ids[1])->status == dse::PointStatus::queued);
  CHECK(store.find(ids[1])->attempts == 0);
  const std::int64_t other = store.add_study("t", "/t.yaml", "text");
  const auto more = store.add_points(other, {{"k1", "{}", ""}, {"big", "{}", "too large"}});
  CHECK(more[0] == ids[1]);
  CHECK(store.find(more[1])->status == dse::PointStatus::infeasible);
  CHECK(store.find(more[1])->reason == "too large");
  CHECK_FALSE(store.claim(more[1], "w", 60));
  CHECK(store.points().size() == 3);
  CHECK(store.points(other).size() == 2);
  CHECK(store.studies().size() == 2);
}

TEST_CASE("stores merge: what either finished is kept once") {
  Store a(fresh("e.store"), Store::Mode::write);
  {
    Store b(fresh("f.store"), Store::Mode::write);
    const auto ids = filled(b, 4);
    for (const int i : {1, 3}) {
      CHECK(b.claim(ids[static_cast<std::size_t>(i)], "w", 60));
      dse::FinishedPoint finished = result(i);
      finished.memos.emplace_back("m", "counters");
      CHECK(b.finish(ids[static_cast<std::size_t>(i)], "w", finished));
    }
  }
  const auto ids = filled(a, 4);
  for (const int i : {0, 1}) {
    CHECK(a.claim(ids[static_cast<std::size_t>(i)], "w", 60));
    CHECK(a.finish(ids[static_cast<std::size_t>(i)], "w", result(10 + i)));
  }
  CHECK(a.merge("f.store") == 1);
  CHECK(a.merge("f.store") == 0);
  CHECK(a.find("k0")->metrics.at("energy_pj") == 10);
  CHECK(a.find("k1")->metrics.at("energy_pj") == 11);
  CHECK(a.find("k3")->metrics.at("energy_pj") == 3);
  CHECK(a.find("k2")->status == dse::PointStatus::queued);
  CHECK(a.layers(a.find("k3")->id).size() == 1);
  CHECK(a.memo("m") == "counters");
}

TEST_CASE("what is no store is refused in words") {
  CHECK(test::bad_input([] { Store("nothing.store", Store::Mode::read); }).find("no such store") != std::string::npos);
  std::ofstream("text.store")
      << "not a database, but long enough to look at; not a database, but long enough to look at ............";
  CHECK(test::bad_input([] { Store("text.store", Store::Mode::write); }).starts_with("text.store: "));
  CHECK(test::bad_input([] { Store("/proc/none/x.store", Store::Mode::write); }).find("cannot be used") !=
        std::string::npos);
}

TEST_CASE("many processes make the same store at once, and read it") {
  for (int round = 0; round < 10; ++round) {
    const std::string path = fresh("made.store");
    std::vector<pid_t> makers;
    for (int i = 0; i < 6; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        try {
          Store store(path, Store::Mode::write);
          (void)filled(store, 3);
          _exit(Store(path, Store::Mode::read).points().size() == 3 ? 0 : 1);
        } catch (const Error& error) {
          (void)!write(STDERR_FILENO, error.what(), std::string(error.what()).size());
          _exit(2);
        }
      }
      makers.push_back(child);
    }
    for (const pid_t maker : makers) {
      int status = 0;
      waitpid(maker, &status, 0);
      CHECK(status == 0);
    }
    CHECK(Store(path, Store::Mode::read).studies().size() == 1);
  }
}

TEST_CASE("a store in a folder that is read-only can be read") {
  std::filesystem::remove_all("readonly");
  std::filesystem::create_directories("readonly");
  if (mount("rebasis-test", "readonly", "tmpfs", 0, "size=1m") != 0) {
    MESSAGE("left out: a file system cannot be mounted here");
    return;
  }
  {
    Store store("readonly/a#b.store", Store::Mode::write);
    (void)filled(store, 5);
  }
  CHECK(mount("rebasis-test", "readonly", "tmpfs", MS_REMOUNT | MS_RDONLY, "size=1m") == 0);
  std::size_t read = 0;
  const std::string words =
      test::bad_input([&] { read = Store("readonly/a#b.store", Store::Mode::read).points().size(); });
  const std::string refused = test::bad_input([] { Store("readonly/new.store", Store::Mode::write); });
  CHECK(umount("readonly") == 0);
  CHECK(words == "(no error)");
  CHECK(read == 5);
  CHECK(refused.starts_with("readonly/new.store: cannot be used as a store"));
}
