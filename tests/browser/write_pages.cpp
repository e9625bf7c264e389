// Writes the pages that the browser test opens:  write_pages FOLDER
#include <filesystem>
#include <iostream>
#include <string>

#include "common/file.h"
#include "report/comparison.h"
#include "report/html.h"
#include "report/study/page.h"
#include "report/study/tables.h"
#include "tests/support/sample_result.h"
#include "tests/support/sample_study.h"

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

/// Three accelerators, two networks, two memories; one run is infeasible, one layer is not supported.
report::Comparison side_by_side(const std::string& attack) {
  report::ComparisonInput input{
      {"resnet50", "vgg19"}, {"smartdeal", "diannao", "scnn" + attack}, {"slow", "unlimited"}, {}, {},
      {"a note" + attack}};
  for (const std::string& network : input.networks) {
    report::ComparedTrace trace;
    trace.name = network + ".t";
    trace.network = network;
    trace.recipe = "smartdeal" + attack;
    trace.bytes = 1e6;
    trace.fp32_bytes = 8e6;
    trace.accuracy_before = 0.75;
    trace.accuracy_after = 0.74;
    trace.accuracy_images = 64;
    input.traces.push_back(trace);
    double scale = 1;
    for (const std::string& accelerator : input.accelerators) {
      for (const std::string& dram : input.drams) {
        sim::Result result = test::sample_result({.layers = 10,
                                                  .seed = network.size(),
                                                  .scale = scale + (dram == "slow" ? 0.5 : 0),
                                                  .accelerator = accelerator.c_str(),
                                                  .network = network.c_str()});
        result.dram_bytes_per_cycle = dram == "slow" ? 2 : 0;
        if (accelerator.starts_with("scnn")) result.unsupported.emplace_back("stage0.conv1", "no plane" + attack);
        input.runs.push_back({network, accelerator, dram, trace.name, report::RunState::done, "", "results/x.json",
                              report::make_document(result)});
      }
      scale *= 2;
    }
  }
  report::ComparedRun& failed = input.runs.back();
  failed.state = report::RunState::infeasible;
  failed.message = "layer 'fc' does not fit" + attack;
  failed.result.reset();
  report::Comparison comparison = make_comparison(input, {"diannao", "smartdeal"});
  comparison.commands = {"rebasis simulate x.trace --accelerator smartdeal -o x.json" + attack};
  return comparison;
}

/// The page of a made-up study, and its points as JSON lines for the test to count in; `beside`: a store to compare
/// with.
std::string write_study(const std::string& folder, const std::string& name, std::size_t points,
                        const std::string& attack = "", const std::string& beside = "") {
  const std::string store = folder + name + ".store";
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(store + suffix);
  test::write_sample_study(store, points, points, attack);
  const dse::StudyResults results = dse::load_results(store);
  const dse::Findings findings = dse::find(results);
  const dse::StudyResults other = beside.empty() ? dse::StudyResults{} : dse::load_results(beside);
  write_file(folder + name + ".html", report::study_page(results, findings, beside.empty() ? nullptr : &other));
  write_file(folder + name + ".jsonl", report::study_jsonl(results, findings));
  return store;
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
  const report::Comparison compared = side_by_side("");
  write_file(folder + "compared.html", report::to_html(compared));
  write_file(folder + "compared.json", report::to_json(compared));
  write_file(folder + "compared_hostile.html",
             report::to_html(side_by_side("</script><img src=x onerror=\"window.attacked=1\">")));
  const std::string small = write_study(folder, "study_small", 30);
  write_study(folder, "study", 1500, "", small);
  write_study(folder, "study_20000", 20'000);
  write_study(folder, "study_none", 0);
  write_study(folder, "study_hostile", 40, "</script><img src=x onerror=\"window.attacked=1\">");
}
