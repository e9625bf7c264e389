#!/usr/bin/env python3
"""Prints the table of docs/results/ternary-wpc.md from training histories:  table.py FILE.json..."""
import json
import pathlib
import sys

print("| run | training accuracy % | test accuracy % | overall sparsity % | group sparsity % | compression (2.8) |")
print("| --- | --- | --- | --- | --- | --- |")
for path in sys.argv[1:]:
    history = json.load(open(path))
    last = history["epochs"][-1]
    metrics = last["metrics"]
    test = history["test"]["after"][""] if history["test"] else None

    def percent(value):
        return "-" if value is None else f"{100 * value:.2f}"

    compression = metrics.get("compression", 16 if "ternary" in history["recipe_text"] else None)
    print(f"| {pathlib.Path(path).stem} | {percent(last['accuracy'])} | {percent(test)} | {percent(metrics.get('zero_weights'))} "
          f"| {percent(metrics.get('zero_groups'))} | {'-' if compression is None else f'{compression:.2f}'} |")
