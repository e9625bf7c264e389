#include "common/file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/error.h"
#include "common/sha256.h"
#include "tests/support/errors.h"

namespace fs = std::filesystem;
using namespace rebasis;

namespace {

/// An empty folder of its own for a test case.
struct Folder {
  explicit Folder(const std::string& name) : path(fs::current_path() / name) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
  [[nodiscard]] std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(path), fs::directory_iterator());
  }
  fs::path path;
};

/// Runs `action` in a child process and returns its wait status.
int in_child(const auto& action) {
  const pid_t child = fork();
  if (child == 0) {
    action();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a file is read whole, within its limit") {
  const Folder folder("read");
  const std::string text("two\nlines\0and a zero", 20);
  write_file(folder.file("a"), text);
  CHECK(read_file(folder.file("a")) == text);
  CHECK(read_file(folder.file("a"), 20) == text);
  CHECK(test::bad_input([&] {
          (void)read_file(folder.file("a"), 19);
        }).find(folder.file("a") + ": is larger than 19 bytes") == 0);
  CHECK(read_file("/dev/null").empty());
  CHECK_THROWS_AS((void)read_file("/dev/zero", 1000), Error);
}

TEST_CASE("what is no readable file is named") {
  const Folder folder("bad");
  CHECK(test::bad_input([&] { (void)read_file(folder.file("none")); }) ==
        folder.file("none") + ": cannot open: No such file or directory");
  CHECK(test::bad_input([&] { (void)read_file(folder.path.string()); }) ==
        folder.path.string() + ": is a directory; a file is needed");
  CHECK(test::bad_input([&] { MappedFile file(folder.path.string()); }) ==
        folder.path.string() + ": is a directory; a file is needed");
  CHECK(test::bad_input([&] { MappedFile file("/dev/zero"); }) ==
        "/dev/zero: is not a regular file; copy it to one first");
  CHECK(test::bad_input([&] { (void)read_file(""); }) == "the file name is empty");
  CHECK(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK(test::bad_input([&] { MappedFile file(folder.file("pipe")); }).find("is not a regular file") !=
        std::string::npos);
}

TEST_CASE("a mapping shows the bytes and can be moved") {
  const Folder folder("map");
  write_file(folder.file("a"), "abc");
  write_file(folder.file("empty"), "");
  MappedFile first(folder.file("a"));
  MappedFile second = std::move(first);
  REQUIRE(second.bytes().size() == 3);
  CHECK(second.bytes()[2] == std::byte{'c'});
  CHECK(first.bytes().empty());  // NOLINT(bugprone-use-after-move): it must be harmless
  second = MappedFile(folder.file("empty"));
  CHECK(second.bytes().empty());
}

TEST_CASE("an output appears at commit and not before") {
  const Folder folder("commit");
  {
    AtomicFile file(folder.file("a"));
    file.write("part");
    CHECK_FALSE(fs::exists(folder.file("a")));
    CHECK(folder.entries() == 1);  // the temporary
  }
  CHECK(folder.entries() == 0);
  const std::string big(3'000'000, 'x');
  AtomicFile file(folder.file("a"));
  file.write("begin ");
  file.write(big);
  file.write(" end");
  file.commit();
  CHECK(folder.entries() == 1);
  CHECK(read_file(folder.file("a")) == "begin " + big + " end");
}

TEST_CASE("an existing output keeps its content until commit, its permissions and its links") {
  const Folder folder("keep");
  write_file(folder.file("real"), "old");
  CHECK(chmod(folder.file("real").c_str(), 0640) == 0);
  fs::create_symlink("real", folder.path / "link");
  {
    AtomicFile file(folder.file("link"));
    file.write("lost");
  }
  CHECK(read_file(folder.file("real")) == "old");
  write_file(folder.file("link"), "new");
  CHECK(fs::is_symlink(folder.path / "link"));
  CHECK(read_file(folder.file("real")) == "new");
  CHECK((fs::status(folder.file("real")).permissions() & fs::perms::all) == static_cast<fs::perms>(0640));
  write_file("/dev/null", "anything");
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("an output that cannot be written is named and leaves nothing") {
  const Folder folder("fail");
  CHECK(test::bad_input([&] { write_file(folder.file("no/such/a"), "x"); }) ==
        folder.file("no/such/a") + ": cannot write: No such file or directory");
  CHECK(test::bad_input([&] { write_file(folder.path.string(), "x"); }).find("it is a directory") != std::string::npos);
  CHECK(test::bad_input([] { write_file("/dev/full", "x"); }) == "/dev/full: cannot write: No space left on device");
  CHECK(test::bad_input([] { write_file("/proc/rebasis-test", "x"); }).find("/proc/rebasis-test: cannot write: ") == 0);
  CHECK(folder.entries() == 0);
}

TEST_CASE("a full disk removes the temporary") {
  const Folder folder("full");
  const int status = in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_file(folder.file("a"), std::string(1'000'000, 'x'));
    } catch (const Error& error) {
      _exit(std::string(error.what()) == folder.file("a") + ": cannot write: File too large" ? 42 : 1);
    }
  });
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(folder.entries() == 0);
}

TEST_CASE("a signal handler can remove the temporaries of its own process only") {
  const Folder folder("signal");
  AtomicFile parent(folder.file("parent"));
  const int status = in_child([&] {
    struct sigaction action {};
    action.sa_handler = [](int) {
      remove_temporary_files();
      _exit(7);
    };
    sigaction(SIGTERM, &action, nullptr);
    AtomicFile first(folder.file("a"));
    AtomicFile second(folder.file("b"));
    first.write("x");
    raise(SIGTERM);
  });
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(folder.entries() == 1);
  parent.commit();
  CHECK(fs::exists(folder.file("parent")));
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
  CHECK(sha256(std::string_view("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(std::string_view("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const Folder folder("sha");
  write_file(folder.file("abc"), "abc");
  CHECK(sha256_of_file(folder.file("abc")) == sha256(std::string_view("abc")));
}

TEST_CASE("SHA-256 of a sequence is that of its bytes, however they come") {
  std::string bytes;
  Sha256 sequence;
  for (std::uint64_t i = 0; i < 3000; ++i) {  // more than the sequence holds back
    sequence.add(i);
    if (i < 128) {
      bytes += static_cast<char>(i);
    } else {
      bytes += static_cast<char>(i % 128 + 128);
      bytes += static_cast<char>(i / 128);
    }
    if (i % 500 == 0) {
      sequence.add(std::string_view("abc"));
      bytes += "abc";
    }
  }
  sequence.add(std::int64_t{1} << 36);
  bytes += std::string(5, '\x80') + "\x02";
  sequence.add(-1);
  bytes += std::string(9, '\xff') + "\x01";
  sequence.add(1.5);  // 0x3FF8000000000000
  bytes += std::string(7, '\x80') + "\xfc\x3f";
  CHECK(sequence.digest() == sha256(std::string_view(bytes)));
  CHECK(Sha256().digest() == sha256(std::string_view()));
}
