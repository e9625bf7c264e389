// rebasis merge: the stores of shards become one.
#include <fmt/format.h>

#include <iostream>

#include "cli/command.h"
#include "common/progress.h"
#include "dse/store.h"

namespace rebasis::cli {
namespace {

class Merge : public Command {
 public:
  std::string description() const override {
    return "Adds the points, layers and studies of the given stores to the store of -o, which is made when it is not "
           "there. A point that several stores have settled is kept once: the first one stays. Merging the same store "
           "twice changes nothing. The given stores are only read.";
  }
  std::vector<Example> examples() const override {
    return {{"rebasis merge part*.store -o study.store", "After the jobs of an array."}};
  }
  void configure(CLI::App& app) override {
    app.add_option("STORES", stores_, "Stores that `rebasis sweep` wrote")->required();
    app.add_option("-o,--output", output_, "The store that takes them in")->required();
  }
  int run() override {
    for (const std::string& store : stores_) dse::Store(store, dse::Store::Mode::read);  // before anything is written
    dse::Store target(output_, dse::Store::Mode::write);
    for (const std::string& store : stores_) {
      const std::int64_t added = target.merge(store);
      if (!Progress::quiet()) std::cout << fmt::format("{}: {} points\n", store, added);
    }
    return 0;
  }

 private:
  std::vector<std::string> stores_;
  std::string output_;
};

const RegisterCommand<Merge> registration("merge");

}  // namespace
}  // namespace rebasis::cli
