// IDX files (images and labels of the MNIST family), plain or gzip-compressed.
#include <fmt/format.h>

#include "cli/inspect/inspector.h"
#include "cli/inspect/text_table.h"
#include "common/json.h"
#include "workloads/io/idx.h"

namespace rebasis::cli {
namespace {

class IdxInspector : public Inspector {
 public:
  bool recognises(std::span<const std::byte> content) const override {
    const auto starts = [&](unsigned first, unsigned second) {
      return content.size() >= 4 && content[0] == static_cast<std::byte>(first) &&
             content[1] == static_cast<std::byte>(second);
    };
    return starts(0x1F, 0x8B) ||
           (starts(0, 0) && content[2] == std::byte{8} && content[3] > std::byte{0} && content[3] < std::byte{9});
  }

  std::string describe(const InspectRequest& request) const override {
    const Tensor<std::uint8_t> tensor = io::read_idx(request.path);
    if (request.json)
      return to_text({{"kind", "idx"}, {"file", request.path}, {"type", "uint8"}, {"shape", tensor.shape}});
    return fmt::format("IDX uint8 {}\n", times(tensor.shape));
  }
};

const InspectorRegistration registration("idx", "IDX tensor (plain or gzip)",
                                         [] { return std::make_unique<IdxInspector>(); });

}  // namespace
}  // namespace rebasis::cli
