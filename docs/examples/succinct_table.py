#!/usr/bin/env python3
"""The table of the Succinct Compression paper (its Tables 1 and 2) from traces: a line a trace, in the order given.

    python3 succinct_table.py [--rebasis build/release/bin/rebasis] [--repeats 9] [--coder arithmetic] [--json ALL.json] T.trace...

Columns: weights that are zero; bits of a weight; accuracy as the trace has it; and, "a/b", a the smallest ordinary form of the
weights, b the succinct structure: kilobytes, CR relative to 32 bits a weight, and speed-up relative to multiplying every weight of a
dense array, and how much b improves each. The last columns are the other forms' CR and speed-up. Needs a rebasis with
-DREBASIS_SUCCINCT=ON; a busy machine lengthens the times. docs/succinct.md explains every form.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

OTHERS = ["CSR", "Huffman by filter", "succinct, all element-wise", "succinct, all block-wise"]


def run(command):
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if process.returncode != 0:
        sys.exit(process.returncode)
    return process.stdout


def accuracy(rebasis, trace):
    """Top-1 of the compressed network in percent, when the trace has it."""
    value = json.loads(run([rebasis, "inspect", "--json", trace])).get("provenance", {}).get("accuracy_after")
    return "" if value is None else "%.2f" % (100 * value)


def measure(options, trace):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s.json")
        command = [options.rebasis, "succinct", trace, "--json", path, "--repeats", str(options.repeats), "--quiet"]
        for coder in options.coder:
            command += ["--coder", coder]
        run(command)
        with open(path) as file:
            return json.load(file)


def row(options, trace, result):
    totals, layers = result["totals"], result["layers"]
    weights = sum(layer["weights"] for layer in layers)
    zeros = 1 - sum(layer["nonzeros"] for layer in layers) / weights
    bits = sorted({layer["bits"] for layer in layers})
    name = os.path.basename(trace).removesuffix(".trace")
    cells = [name, "%.1f" % (100 * zeros), ",".join(map(str, bits)), accuracy(options.rebasis, trace), result["ordinary_form"],
             "/".join("%.1f" % (b / 1000) for b in totals["bytes"]), "/".join("%.2f" % c for c in totals["compression_rate"]),
             "%.2f" % totals["compression_rate_improved"], "/".join("%.2f" % s for s in totals["speedup"]),
             "%.2f" % totals["speedup_improved"]]
    forms = {form["form"]: form for form in totals["forms"]}
    for other in OTHERS + ["coder " + coder for coder in options.coder]:
        form = forms[other]
        cells.append("%.2f, %.2f" % (totals["bytes_32_bit"] / form["bytes"], totals["dense_s"] / form["inference_s"]))
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rebasis", default="rebasis", help="the program")
    parser.add_argument("--repeats", type=int, default=9, help="of each timing; the shortest counts")
    parser.add_argument("--coder", action="append", default=[], help="one more form: decoded with this coder, then computed")
    parser.add_argument("--json", help="write the figures of all traces to this file")
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    options = parser.parse_args()
    header = ["trace", "zeros %", "bits", "top-1 %", "a", "size a/b, kB", "CR a/b", "CR impr.", "speed-up a/b", "speed-up impr."]
    header += [other + ": CR, speed-up" for other in OTHERS + ["coder " + coder for coder in options.coder]]
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header), flush=True)
    results = {}
    for trace in options.traces:
        results[trace] = measure(options, trace)
        print("| " + " | ".join(row(options, trace, results[trace])) + " |", flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
