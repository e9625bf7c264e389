// Writes the pages that the browser test opens:  write_pages FOLDER
#include <iostream>
#include <string>

#include "common/file.h"
#include "report/html.h"
#include "tests/support/sample_result.h"

using namespace rebasis;

namespace {

report::Document sample(const test::SampleOptions& options) {
  return report::make_document(test::sample_result(options));
}

/// Names that would run a script, or end the element that holds them, if the page took them for HTML.
report::Document hostile() {
  sim::Result result = test::sample_result({.layers = 3});
  const std::string attack = "</script><img src=x onerror=\"window.attacked=1\"><script>window.attacked=1</script>";
  result.network = attack;
  result.accelerator = attack;
  result.notes.push_back(attack);
  result.unsupported.emplace_back(attack, attack);
  for (sim::LayerResult& layer : result.layers) {
    layer.name += attack;
    layer.op = attack;
    layer.mapping[attack] = attack;
    layer.bounds.push_back({attack, 1e12});
    layer.energy_by_component_pj[attack] = layer.energy_pj;
    layer.statistics[attack] = 1;
  }
  return report::make_document(result);
}

std::vector<report::Document> comparison() {
  std::vector<report::Document> results;
  for (const char* network : {"resnet50", "vgg19"}) {
    double scale = 1;
    for (const char* accelerator : {"smartdeal", "diannao", "scnn"}) {
      results.push_back(sample({.layers = 10,
                                .seed = std::string(network).size(),
                                .scale = scale,
                                .accelerator = accelerator,
                                .network = network}));
      scale *= 1.5;
    }
  }
  return results;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  write_file(folder + "one.html", report::to_html({sample({.layers = 1})}));
  write_file(folder + "none.html", report::to_html({sample({.layers = 0})}));
  write_file(folder + "many.html", report::to_html({sample({.layers = 200, .images = 4, .synthetic = true})}));
  write_file(folder + "hostile.html", report::to_html({hostile()}));
  write_file(folder + "comparison.html", report::to_html(comparison()));
}
