#!/usr/bin/env python3
"""Tables (Markdown) and figures (SVG) of docs/results/studies.md from the stores of the studies in dse/studies.

    figures.py FOLDER_OF_STORES OUTPUT_FOLDER [--rebasis PROGRAM]

FOLDER_OF_STORES holds NAME.store for the studies that were run (`rebasis sweep NAME`); what is not there is left out.
"""
import argparse
import csv
import os
import subprocess

import chart

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("stores")
parser.add_argument("output")
parser.add_argument("--rebasis", default="rebasis")
options = parser.parse_args()


def points(study, every=False):
    """Points that are done and meet the constraints, or `every` one: a row each. None without a store."""
    store = os.path.join(options.stores, study + ".store")
    if not os.path.exists(store):
        return None
    made = os.path.join(options.output, study + ".csv")
    subprocess.run([options.rebasis, "report", store, "--csv", made, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    with open(made) as file:
        rows = [row for row in csv.DictReader(file) if every or (row["status"] == "done" and row["admissible"] == "1")]
    os.remove(made)
    return rows


def number(row, key):
    return float(row[key])


def figure(name):
    return os.path.join(options.output, name + ".svg")


def table(title, header, rows):
    print(f"\n{title}\n")
    for cells in [header, ["---"] * len(header), *rows]:
        print("| " + " | ".join(str(cell) for cell in cells) + " |")


def best(rows, metric, *keys):
    """The row with the least metric for each combination of the settings `keys`."""
    found = {}
    for row in rows:
        key = tuple(row[k] for k in keys)
        if key not in found or number(row, metric) < number(found[key], metric):
            found[key] = row
    return found


def whole(values):
    return sorted({int(float(value)) for value in values})


def dims(study, title):
    rows = points(study)
    if not rows:
        return
    cells = {(int(row["array.dim_M"]), int(row["array.dim_F"])): row for row in rows}
    preset = cells[64, 8]
    relative = lambda metric: lambda m, f: number(cells[m, f], metric) / number(preset, metric) if (m, f) in cells else None
    columns, lines = whole(f for _, f in cells), whole(m for m, _ in cells)
    chart.shaded(figure(study), f"{title}: time relative to 64 x 16 x 8", "dim_F", "dim_M", columns, lines, relative("time_s"),
                 lambda m, f: f"{relative('time_s')(m, f):.2f}")
    order = sorted(rows, key=lambda row: number(row, "time_s"))
    table(f"{study}: the fastest shapes, the preset and the slowest", ["dim_M x dim_C x dim_F", "time", "energy", "DRAM", "busy"],
          [[f"{r['array.dim_M']} x {r['array.dim_C']} x {r['array.dim_F']}", f"{number(r, 'time_s') / number(preset, 'time_s'):.3f}",
            f"{number(r, 'energy_pj') / number(preset, 'energy_pj'):.3f}", f"{number(r, 'dram_bytes') / number(preset, 'dram_bytes'):.3f}",
            f"{number(r, 'pe_utilisation'):.1%}"] for r in [*order[:4], preset, order[-1]]])


def buffers(study, title):
    rows = points(study)
    if not rows:
        return
    kib = lambda row, key: number(row, key) / 1024
    cheapest = sorted(best(rows, "energy_pj", "budget").values(), key=lambda row: number(row, "sram_bytes"))
    table(f"{study}: least energy of each budget", ["SRAM (KiB)", "weights", "index", "output", "input", "energy (uJ)", "time (us)", "DRAM (kB)"],
          [[f"{kib(r, 'sram_bytes'):.0f}", f"{64 * kib(r, 'weight_buffer.size'):.0f}", f"{kib(r, 'index_gb.size'):g}", f"{kib(r, 'output_gb.size'):g}",
            f"{kib(r, 'input_gb.size'):.0f}", f"{number(r, 'energy_pj') / 1e6:.1f}", f"{number(r, 'time_s') * 1e6:.1f}",
            f"{number(r, 'dram_bytes') / 1e3:.0f}"] for r in cheapest])
    series = []
    for size in whole(row["weight_buffer.size"] for row in rows):
        mine = [row for row in rows if number(row, "weight_buffer.size") == size]
        curve = sorted((kib(r, "sram_bytes"), number(r, "energy_pj") / 1e6) for r in best(mine, "energy_pj", "budget").values())
        series.append((f"{size * 64 / 1024:g} KiB of weights", curve))
    chart.lines(figure(study), f"{title}: least energy", "SRAM in all (KiB)", "energy of an image (uJ)", series)


def sparsity(title):
    smartdeal, diannao = points("sparsity-bandwidth"), points("sparsity-bandwidth-diannao")
    if not smartdeal or not diannao:
        return
    names = {"recipes/vector-sparsity.yaml": "rows", "recipes/element-sparsity.yaml": "elements"}
    speed = lambda row: number(row, "dram.bandwidth") / (1e9 if number(row, "dram.bandwidth") > 1e6 else 1)
    for metric, what in [("time_s", "speed-up"), ("energy_pj", "energy saving")]:
        base = {speed(r): number(r, metric) for r in best(diannao, metric, "dram.bandwidth").values()}
        ours = best(smartdeal, metric, "recipe", "sparsity", "dram.bandwidth").values()
        curves = {}
        for row in ours:
            curves.setdefault((names[row["recipe"]], float(row["sparsity"])), []).append((speed(row), base[speed(row)] / number(row, metric)))
        for curve in curves.values():
            curve.sort()
        widths = sorted(base)
        table(f"{what} of SmartDeal over DianNao, by DRAM bandwidth (GB/s)", ["zeros", "%", *(f"{w:g}" for w in widths)],
              [[kind, f"{100 * share:g}", *(f"{ratio:.2f}" for _, ratio in curves[kind, share])] for kind, share in sorted(curves)])
        shown = [(f"{'-' if kind == 'elements' else ''}{100 * share:g} % of {kind}", curves[kind, share])
                 for share in (0, 0.6, 0.95) for kind in ("rows", "elements")]
        chart.lines(figure(f"sparsity-bandwidth-{metric.split('_')[0]}"), f"{title}: {what} of SmartDeal over DianNao", "DRAM bandwidth (GB/s)",
                    what, shown)


def pynq():
    rows = points("pynq")
    if not rows:
        return
    fastest = best(rows, "time_s", "pe.channels", "array.pes")
    cell = lambda c, p: fastest.get((str(c), str(p)))
    columns, lines = whole(row["array.pes"] for row in rows), whole(row["pe.channels"] for row in rows)
    chart.shaded(figure("pynq"), "Ternary ResNet-20 on an XC7Z020: time of an image (ms)", "processing elements", "channels of a PE", columns, lines,
                 lambda c, p: number(cell(c, p), "time_s") if cell(c, p) else None, lambda c, p: f"{number(cell(c, p), 'time_s') * 1e3:.2f}")
    table("pynq: the largest number of each PE that fits", ["channels", "PEs", "lanes", "time (ms)", "energy (uJ)", "lanes that work"],
          [[c, p, 9 * c * p, f"{number(r, 'time_s') * 1e3:.2f}", f"{number(r, 'energy_pj') / 1e6:.0f}", f"{number(r, 'pe_utilisation'):.1%}"]
           for c in lines for p, r in [max((p, cell(c, p)) for p in columns if cell(c, p))]])


OBJECTIVES = ("energy_pj", "time_s", "area_mm2")


def volume(costs, ideal, reference):
    """Share of the box that the costs dominate: slices between the values of the last objective, each a volume of one dimension less."""
    inside = sorted((cost for cost in costs if all(c < r for c, r in zip(cost, reference))), key=lambda cost: cost[-1])
    if len(reference) == 1:
        return (reference[0] - inside[0][0]) / (reference[0] - ideal[0]) if inside else 0.0
    total, levels = 0.0, [cost[-1] for cost in inside] + [reference[-1]]
    for i in range(len(inside)):
        if levels[i + 1] > levels[i]:
            total += (levels[i + 1] - levels[i]) * volume([cost[:-1] for cost in inside[: i + 1]], ideal[:-1], reference[:-1])
    return total / (reference[-1] - ideal[-1])


def joint():
    """How soon the search has the hypervolume of the grid. The box: from the best values on the grid's front to a tenth beyond its worst."""
    grid = points("joint-grid")
    if not grid:
        return
    costs = [[number(row, key) for key in OBJECTIVES] for row in grid]
    front = [row for row in grid if row["front"] == "1"]
    settings = ["rows", "activation_bits", "array.dim_M", "array.dim_C", "array.dim_F", "weights"]
    table(f"joint: the front of the grid, {len(front)} of {len(grid)} points that can be built and keep the accuracy", [*settings, "accuracy", "energy (uJ)", "time (us)", "area (mm2)"],
          [[*(row[s] for s in settings), f"{number(row, 'accuracy'):.2%}", f"{number(row, 'energy_pj') / 1e6:.2f}", f"{number(row, 'time_s') * 1e6:.2f}",
            f"{number(row, 'area_mm2'):.2f}"] for row in sorted(front, key=lambda row: number(row, "time_s"))])
    ends = [[number(row, key) for row in front] for key in OBJECTIVES]
    ideal = [min(values) for values in ends]
    reference = [max(values) + 0.1 * (max(values) - min(values)) for values in ends]
    whole_volume = volume(costs, ideal, reference)
    series, rows = [], []
    for seed in (1, 2, 3):
        found = points(f"joint-{seed}", every=True)
        if not found:
            continue
        known, curve = [], []
        for asked, row in enumerate(found, 1):
            if row["status"] == "done" and row["admissible"] == "1":
                known.append([number(row, key) for key in OBJECTIVES])
            curve.append((asked, 100 * volume(known, ideal, reference) / whole_volume))
        series.append((f"seed {seed}", curve))
        enough = [asked for asked, share in curve if share >= 95]
        rows.append([seed, len(found), sum(row["status"] == "done" for row in found), f"{curve[-1][1]:.1f} %", enough[0] if enough else "never"])
    if series:
        table("joint: NSGA-II beside the grid", ["seed", "points asked for", "simulated", "of the grid's hypervolume", "95 % after points"], rows)
        chart.lines(figure("joint"), "NSGA-II: share of the exhaustive grid's hypervolume", "points", "%", series, x_log=False, dots=False)


def equal_area():
    """The best designs of each accelerator: of equal-area, and of the same study with an unlimited DRAM (equal-area-unlimited)."""
    for study, memory in (("equal-area", "LPDDR4-3200"), ("equal-area-unlimited", "a DRAM without limits")):
        rows = points(study)
        if not rows:
            continue
        cells = []
        for metric, what in (("time_s", "time"), ("energy_pj", "energy")):
            for (name,), row in sorted(best(rows, metric, "accelerator").items(), key=lambda item: number(item[1], metric)):
                cells.append([name, f"least {what}", int(number(row, "multipliers")), *(row[key] for key in ("more", "shape", "memory")),
                              f"{number(row, 'sram_bytes') / 1024:.0f}", f"{number(row, 'area_mm2'):.2f}", f"{number(row, 'time_s') * 1e6:.1f}",
                              f"{number(row, 'energy_pj') / 1e6:.1f}"])
        table(f"equal-area: with {memory}", ["accelerator", "design of", "multipliers", "more", "shape", "memory", "SRAM (KiB)", "area (mm2)", "time (us)", "energy (uJ)"], cells)


os.makedirs(options.output, exist_ok=True)
dims("dims", "ResNet-20 and VGG-small")
dims("dims-resnet50", "ResNet-50 layers (synthetic)")
buffers("buffers", "ResNet-20 and VGG-small")
sparsity("ResNet-20 and VGG-small")
pynq()
joint()
equal_area()
