// Things that register themselves under a name: accelerators, passes, strategies. A new one is one file with one
// Registration; nothing central changes.
//
//   class Pass { public: static constexpr const char* kind = "pass"; virtual ~Pass() = default; ... };
//   const Registration<Pass> registration("smartdeal", "decomposes weights", [] { return std::make_unique<Decompose>();
//   }); auto pass = Registry<Pass>::global().create("smartdeal");
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/text/suggest.h"

namespace rebasis::arch {

/// Factories of `T` by name, iterated in the order of names whatever the order of registration. `Args` are what a
/// factory takes. `T::kind` is the noun of the messages.
template <class T, class... Args>
class Registry {
 public:
  using Factory = std::function<std::unique_ptr<T>(Args...)>;
  struct Item {
    std::string summary;  ///< one line
    Factory create;
  };

  /// The registry that Registration fills before main; read-only afterwards, so threads may share it.
  static Registry& global() {
    static Registry registry;
    return registry;
  }

  /// A name taken twice is an internal error (and ends the program when it happens before main).
  void add(const std::string& name, std::string summary, Factory create) {
    if (!items_.emplace(name, Item{std::move(summary), std::move(create)}).second) {
      fail_internal(std::string(T::kind) + " '" + name + "' is registered twice");
    }
  }

  [[nodiscard]] bool contains(const std::string& name) const { return items_.count(name) != 0; }
  [[nodiscard]] const std::map<std::string, Item>& items() const { return items_; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& item : items_) names.push_back(item.first);
    return names;
  }

  /// The item of a name, or Error(bad_input) at `where` that lists the known names and the nearest one.
  [[nodiscard]] const Item& at(const std::string& name, const SourceLocation& where = {}) const {
    const auto found = items_.find(name);
    if (found == items_.end()) fail_unknown_name(where, T::kind, name, names());
    return found->second;
  }

  [[nodiscard]] std::unique_ptr<T> create(const std::string& name, Args... args) const {
    return at(name).create(std::forward<Args>(args)...);
  }

 private:
  std::map<std::string, Item> items_;
};

/// Registers in Registry<T, Args...>::global() when constructed; declare one at namespace scope.
template <class T, class... Args>
struct Registration {
  Registration(const std::string& name, std::string summary, typename Registry<T, Args...>::Factory create) {
    Registry<T, Args...>::global().add(name, std::move(summary), std::move(create));
  }
};

}  // namespace rebasis::arch
