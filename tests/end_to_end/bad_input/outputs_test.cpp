// Outputs that cannot be written, and runs that are interrupted: nothing partial stays.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/end_to_end/bad_input/bad_input.h"
#include "tests/support/process.h"
#include "workloads/io/npy.h"

using namespace rebasis;
using namespace rebasis::test;

namespace fs = std::filesystem;

namespace {

/// A layer list whose trace has `channels` x 64 KiB.
void make_list(std::int64_t channels) {
  io::write_npy("big_w.npy", Tensor<std::int8_t>({1, channels, 1, 1}));
  io::write_npy("big_x.npy", Tensor<std::uint8_t>({1, channels, 256, 256}));
  put("big.yaml",
      "network: n\nlayers:\n  - name: a\n    weights: big_w.npy\n    weight_scale: 1\n    activations: big_x.npy\n"
      "    weight_provenance: synthetic\n    activation_provenance: synthetic\n");
}

std::ptrdiff_t entries(const std::string& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

}  // namespace

TEST_CASE("an output that cannot be made is named") {
  make_list(4);
  (void)fresh_folder("out");
  for (const std::string path : {"out/no/such/folder/t.trace", "out", "/proc/t.trace", "/dev/full"}) {
    const Outcome outcome = run_rebasis({"trace", "big.yaml", "-o", path});
    INFO(outcome.errors);
    CHECK(outcome.status == 2);
    CHECK(outcome.errors.find("rebasis: " + path + ": cannot write: ") == 0);
    CHECK(outcome.output.empty());
  }
  CHECK(entries("out") == 0);
}

TEST_CASE("a file size limit ends the run with a message and no file") {
  make_list(4);
  (void)fresh_folder("out");
  // 64 blocks of 512 or 1024 bytes, enough for the message and too little for the trace.
  const Outcome outcome =
      run({"/bin/sh", "-c", "ulimit -f 64; exec " REBASIS_BIN_DIR "/rebasis trace big.yaml -o out/t.trace"});
  CHECK(outcome.status == 2);
  CHECK(outcome.errors == "rebasis: out/t.trace: cannot write: File too large\n");
  CHECK(entries("out") == 0);
}

TEST_CASE("a full disk ends the run with a message and no file") {
  make_list(4);
  (void)fresh_folder("disk");
  if (mount("rebasis-test", "disk", "tmpfs", 0, "size=128k") != 0) {
    MESSAGE("left out: a small file system cannot be mounted here");
    return;
  }
  const Outcome outcome = run_rebasis({"trace", "big.yaml", "-o", "disk/t.trace"});
  const std::ptrdiff_t left = entries("disk");
  CHECK(umount("disk") == 0);
  CHECK(outcome.status == 2);
  CHECK(outcome.errors == "rebasis: disk/t.trace: cannot write: No space left on device\n");
  CHECK(left == 0);
}

TEST_CASE("an output of before stays when the new one fails") {
  make_list(4);
  (void)fresh_folder("out");
  put("out/t.trace", "precious");
  put("big_w.npy", "damaged");
  CHECK(run_rebasis({"trace", "big.yaml", "-o", "out/t.trace"}).status == 2);
  CHECK(content_of("out/t.trace") == "precious");
  CHECK(entries("out") == 1);
}

TEST_CASE("an interrupted run leaves all of its output or nothing") {
  make_list(320);  // 20 MiB
  int interrupted = 0;
  for (const int delay_ms : {2, 5, 10, 20, 30, 45, 60, 80, 120, 200}) {
    (void)fresh_folder("out");
    const Outcome outcome =
        run_rebasis({"trace", "big.yaml", "-o", "out/t.trace"},
                    {.signal_after_ms = delay_ms, .signal_number = delay_ms % 4 == 0 ? SIGTERM : SIGINT});
    INFO("after " << delay_ms << " ms: status " << outcome.status);
    const bool done = outcome.status == 0;
    CHECK((done || outcome.status == 130 || outcome.status == 143));
    interrupted += done ? 0 : 1;
    CHECK(entries("out") == (fs::exists("out/t.trace") ? 1 : 0));
    if (done) CHECK(run_rebasis({"inspect", "--check", "out/t.trace"}).status == 0);
    if (!done && fs::exists("out/t.trace")) CHECK(run_rebasis({"inspect", "--check", "out/t.trace"}).status == 0);
  }
  CHECK(interrupted > 0);
}
