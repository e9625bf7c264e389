#include "common/temporary.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstring>

#include "common/file.h"

namespace rebasis {
namespace {

/// What a signal handler has to delete: plain arrays and lock-free flags, since a handler may not allocate or lock.
/// `owner` is the process, so that a forked child does not delete its parent's files.
struct Slot {
  enum State : int { free, filling, file, folder };
  std::atomic<int> state{free};
  pid_t owner = 0;
  std::array<char, PATH_MAX> path{};
};
std::array<Slot, 64> slots;
static_assert(std::atomic<int>::is_always_lock_free);

/// Calls `remove` with every path of that kind that this process has.
template <class Remove>
void each(Slot::State kind, Remove remove) noexcept {
  for (Slot& slot : slots) {
    if (slot.state.load() == kind && slot.owner == ::getpid()) remove(slot.path.data());
  }
}

}  // namespace

int remember_temporary(const std::string& path, TemporaryPath::Kind kind) {
  if (path.size() >= PATH_MAX) return -1;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    int expected = Slot::free;
    if (!slots[i].state.compare_exchange_strong(expected, Slot::filling)) continue;
    std::memcpy(slots[i].path.data(), path.c_str(), path.size() + 1);
    slots[i].owner = ::getpid();
    slots[i].state.store(kind == TemporaryPath::Kind::file ? Slot::file : Slot::folder);
    return static_cast<int>(i);
  }
  return -1;
}

void forget_temporary(int slot) noexcept {
  if (slot >= 0) slots[static_cast<std::size_t>(slot)].state.store(Slot::free);
}

TemporaryPath::TemporaryPath(std::string path, Kind kind)
    : path_(std::move(path)), kind_(kind), slot_(remember_temporary(path_, kind)) {}

TemporaryPath::~TemporaryPath() {
  if (!kept_ && kind_ == Kind::file) ::unlink(path_.c_str());
  if (!kept_ && kind_ == Kind::folder) ::rmdir(path_.c_str());
  forget_temporary(slot_);
}

void TemporaryPath::keep() noexcept {
  kept_ = true;
  forget_temporary(slot_);
  slot_ = -1;
}

void remove_temporary_files() noexcept {
  each(Slot::file, [](const char* path) { ::unlink(path); });
  // A folder may lie in another one, whatever the order of the slots.
  for (int depth = 0; depth < 2; ++depth) each(Slot::folder, [](const char* path) { ::rmdir(path); });
}

}  // namespace rebasis
