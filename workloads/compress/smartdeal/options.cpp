#include "workloads/compress/smartdeal/options.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "common/text/suggest.h"

namespace rebasis::compress::smartdeal {
namespace {

using Set = arch::ParameterSet<Options>;

void declare_steps(Set& p) {
  p.choice("variant", &Options::variant, "paper", {"paper", "code", "code-rows"},
           "Defaults of the other keys: the paper's text, or the authors' code for element or row sparsity.",
           "paper, Algorithm 1");
  p.boolean("normalise", &Options::normalise, true,
            "Scale each column of Ce to unit norm before rounding; B absorbs the norms.", "paper, III-B step 1");
  p.boolean("column_scale", &Options::column_scale, false,
            "Scale each column of the fitted Ce by 2^mean(log2 rounding error) instead of normalising.",
            "authors' code");
  p.choice("rounding", &Options::rounding, "linear", {"linear", "log"},
           "Nearest power of two by distance (ties to the smaller) or by ratio.", "paper, III-B step 1: nearest");
  p.integer("max_exponents", &Options::max_exponents, 8, 0, 23, "",
            "N_p, the most powers of two in P; 0 sets no limit.", "paper, appendix B: 8 options for the powers");
  p.text("exponents", &Options::exponents, "auto",
         "P as an ascending list, or auto: the N_p powers that lose least of the layer.", "decision");
  p.boolean("quantise_basis_in_loop", &Options::quantise_basis_in_loop, true,
            "Round B to 8-bit fixed point after each fit, not only at the end.", "paper, appendix B");
  p.real("threshold", &Options::threshold, 4e-3, 0, 1e9, "", "theta: smaller elements of the fitted Ce become zero.",
         "paper, III-C1");
  p.choice("threshold_scale", &Options::threshold_scale, "coefficient", {"coefficient", "weight"},
           "theta compares with the elements of Ce, or with them times the norm of their row of B: their share in the "
           "weights.",
           "paper, III-B");
  p.real("row_threshold", &Options::row_threshold, 0, 0, 1e9, "",
         "A row of a k x k kernel's Ce whose L1 norm is below this many theta becomes zero; 0 is off.",
         "authors' code uses 5");
}

void declare_structure(Set& p) {
  p.real("vector_ratio", &Options::vector_ratio, 0, 0, 1, "", "Share of the rows of Ce that become zero, at least.",
         "paper, III-D and Tables X, XI");
  p.choice("vector_scope", &Options::vector_scope, "layer", {"filter", "layer", "group"},
           "Rows compete within a filter in each iteration, or within the layer or across a group of filters before "
           "the first.",
           "paper, III-D: a budget a layer; the authors' code: group");
  p.integer("group_size", &Options::group_size, 32, 1, 65536, "",
            "Filters that share their zero rows with vector_scope group.", "authors' code");
  p.real("tolerance", &Options::tolerance, 1e-10, 0, 1e9, "",
         "Stop when the quantised Ce changes by less (Frobenius norm).", "paper, III-C1");
  p.integer("max_iterations", &Options::max_iterations, 30, 0, 10000, "", "Stop after so many iterations.",
            "paper, III-C1");
  p.integer("reshape_columns", &Options::reshape_columns, 3, 2, 11, "", "n of 1x1 and fully-connected layers.",
            "authors' code");
  p.integer("max_slice_rows", &Options::max_slice_rows, 192, 1, 1 << 20, "",
            "Longest slice of a filter that shares one B.", "paper, appendix A and authors' code");
  p.choice(
      "factors", &Options::factors, "given", {"given", "new"},
      "Ce and B that a network from sd_training brings: take them over as they are, or decompose the weights again.",
      "decision");
  p.boolean("leave", &Options::leave, false, "Leave the layer alone (8-bit weights).", "paper, V-B: original weights");
  p.boolean("leave_depthwise", &Options::leave_depthwise, true, "Leave depthwise layers alone.", "paper, appendix E-E");
  p.boolean("leave_first", &Options::leave_first, false, "Leave the network's first layer alone.", "decision");
  p.boolean("leave_large_kernels", &Options::leave_large_kernels, false, "Leave kernels wider than 3 alone.",
            "authors' code");
  p.boolean("leave_if_larger", &Options::leave_if_larger, true,
            "Leave a layer alone whose SmartDeal form is not smaller than 8-bit weights.", "decision");
}

Set declare() {
  Set p;
  declare_steps(p);
  declare_structure(p);
  return p;
}

/// The authors' code where it differs from the text.
arch::RawConfig variant_defaults(const std::string& variant) {
  arch::RawConfig config;
  if (variant.starts_with("code")) {
    for (const char* entry :
         {"normalise=false", "max_exponents=0", "threshold_scale=weight", "quantise_basis_in_loop=false",
          "max_iterations=29", "leave_large_kernels=true", "vector_scope=group"}) {
      config.set(entry);
    }
  }
  if (variant == "code-rows") {
    for (const char* entry : {"row_threshold=5", "column_scale=true"}) config.set(entry);
  }
  return config;
}

/// "[-7, -6]" -> {-7, -6}.
std::vector<int> parse_exponents(const std::string& text, const SourceLocation& where) {
  std::vector<int> exponents;
  if (text == "auto") return exponents;
  const char* const end = text.data() + text.size();
  const char* position = text.data();
  while (position < end) {
    if (*position == '[' || *position == ']' || *position == ',' || *position == ' ') {
      ++position;
      continue;
    }
    int value = 0;
    const auto [next, error] = std::from_chars(position, end, value);
    if (error != std::errc{} || value < -60 || value > 60) {
      fail_input(where,
                 "exponents is " + in_quotes(text) + "; write auto or an ascending list of integers like [-7, -6, -5]");
    }
    exponents.push_back(value);
    position = next;
  }
  const bool ascending =
      std::adjacent_find(exponents.begin(), exponents.end(), std::greater_equal<>()) == exponents.end();
  if (exponents.empty() || !ascending)
    fail_input(where, "exponents must ascend and hold at least one integer; write for example [-7, -6, -5]");
  return exponents;
}

SourceLocation location(const arch::RawConfig& config, const std::string& key) {
  const arch::ConfigEntry* entry = config.find(key);
  return entry != nullptr ? entry->where : SourceLocation{};
}

}  // namespace

const arch::ParameterSet<Options>& parameters() {
  static const Set set = declare();
  return set;
}

Options resolve(const arch::RawConfig& config) {
  const std::string variant = parameters().resolve(config).variant;
  arch::RawConfig full = variant_defaults(variant);
  full.override_with(config);
  Options options = parameters().resolve(full);
  options.fixed_exponents = parse_exponents(options.exponents, location(config, "exponents"));
  const auto count = static_cast<std::int64_t>(options.fixed_exponents.size());
  if (options.max_exponents > 0 && count > options.max_exponents) {
    fail_input(location(config, "exponents"),
               "exponents lists " + std::to_string(count) + " powers, more than max_exponents " +
                   std::to_string(options.max_exponents) + "; shorten the list or raise the limit");
  }
  return options;
}

}  // namespace rebasis::compress::smartdeal
