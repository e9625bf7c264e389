// One sub-net for all frames: what a system without dynamic inference does.
#include "arch/parameter.h"
#include "dse/dynamic/governor.h"

namespace rebasis::dynamic {
namespace {

struct Options {
  std::string subnet;
};

const arch::ParameterSet<Options>& options() {
  static const arch::ParameterSet<Options> set = [] {
    arch::ParameterSet<Options> p;
    p.text("subnet", &Options::subnet, "", "Sub-net of all frames; empty: the most accurate.", "decision");
    return p;
  }();
  return set;
}

class Fixed : public Governor {
 public:
  explicit Fixed(const arch::RawConfig& config) : name_(options().resolve(config).subnet) {}
  void begin(const Family& family, const Scenario&, std::size_t) override {
    subnet_ = name_.empty() ? family.most_accurate() : family.named(name_);
  }
  std::size_t choose(const Situation&) override { return subnet_; }

 private:
  std::string name_;
  std::size_t subnet_ = 0;
};

const GovernorRegistration registration("fixed", "one sub-net for all frames",
                                        [](const arch::RawConfig& config) { return std::make_unique<Fixed>(config); });

}  // namespace
}  // namespace rebasis::dynamic
