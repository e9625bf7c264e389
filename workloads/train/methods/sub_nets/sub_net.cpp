#include "workloads/train/methods/sub_nets/sub_net.h"

namespace rebasis::train {

namespace {

void report_pair(const SubNet& a, const SubNet& b, const SparseLayers& layers, std::map<std::string, double>& metrics) {
  const std::string pair = a.name + "^" + b.name + "/non_overlap";
  metrics[pair] = non_overlap(a.masks, b.masks);
  for (std::size_t i = 0; i < layers.size(); ++i)
    metrics[layers.name(i) + "/" + pair] = non_overlap({a.masks[i]}, {b.masks[i]});
}

}  // namespace

void report_sub_nets(const std::vector<SubNet>& nets, const SparseLayers& layers,
                     std::map<std::string, double>& metrics) {
  for (std::size_t n = 0; n < nets.size(); ++n) {
    const SubNet& net = nets[n];
    metrics[net.name + "/sparsity"] = sparsity_of(net.masks);
    metrics[net.name + "/mask_churn"] = non_overlap(net.before, net.masks);
    if (net.products > 0) {
      metrics[net.name + "/negative_inner_products"] =
          static_cast<double>(net.negative) / static_cast<double>(net.products);
    }
    for (std::size_t i = 0; i < layers.size(); ++i)
      metrics[layers.name(i) + "/" + net.name + "/sparsity"] = sparsity_of({net.masks[i]});
    for (std::size_t other = 0; other < n; ++other) report_pair(nets[other], net, layers, metrics);
  }
}

}  // namespace rebasis::train
