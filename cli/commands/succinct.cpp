// rebasis succinct: a network's weights in succinct structures, against ordinary forms.
#include "cli/command.h"
#include "cli/succinct/request.h"

namespace rebasis::cli {
namespace {

class Succinct : public Command {
 public:
  std::string description() const override {
    return "Stores the weights of a trace as runtime-accessible sequences in wavelet trees (\"Succinct Compression\"), "
           "computes each layer on the trace's inputs straight from that structure, and compares size and time with "
           "ordinary forms: dense, packed, direct index, relative index, CSR, Huffman codes.\n\n"
           "The first table has a line a layer and the columns of the paper's Tables 1 and 2, \"a/b\": a is the "
           "smallest ordinary form of the network, b the succinct structure; CR is relative to 32 bits a weight, "
           "speed-up to multiplying all weights of a dense array. A layer with at least --threshold MACs per weight "
           "is stored block-wise, another one element-wise; dense or as tuples of distance and value, whichever has "
           "less entropy. The second table has every form. All forms share one loop, so that only the fetching of "
           "operands and the skipping of zeros differ; every output is compared with the dense form's.\n\n"
           "Times are CPU times of one thread, the shortest of --repeats; a busy machine still lengthens them. Needs a "
           "trace with integer "
           "weights (recipes dense-int8, pruned-int8, ternary and the like) and a build with sdsl-lite; "
           "docs/succinct.md says how to get one, what the columns mean and what we measured.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis succinct T.trace", "All layers on the first image."},
            {"rebasis succinct T.trace --layers 'fc*' --threshold 0", "One layer, block-wise."},
            {"rebasis succinct T.trace --coder arithmetic --json S.json",
             "One more form: decoded with the arithmetic coder, then computed; all figures for scripts."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("TRACE", request_.trace, "The trace")->required();
    app.add_option("--image", request_.image, "Whose activations are the inputs; the first is 0")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--layers", request_.layers, "Only layers whose name fits; * and ? as in file names")
        ->type_name("GLOB");
    app.add_option("--threshold", request_.threshold, "MACs per weight from which a layer is block-wise")
        ->check(CLI::NonNegativeNumber)
        ->type_name("FPr");
    app.add_option("--repeats", request_.repeats, "Repetitions of each timing; the shortest counts")
        ->check(CLI::Range(1, 1000));
    app.add_option("--coder", request_.coders, "Also time: decode with this coder, then compute; may be repeated")
        ->type_name("NAME");
    app.add_option("--json", request_.json, "Write all figures as JSON")->type_name("FILE");
  }

  int run() override {
    run_succinct(request_);
    return 0;
  }

 private:
  SuccinctRequest request_;
};

const RegisterCommand<Succinct> registration("succinct");

}  // namespace
}  // namespace rebasis::cli
