"""What the studies beside this file have in common: the images, runs of rebasis that are kept, Markdown tables.

A study is an executable `run OUTPUT_FOLDER` in a folder here. Every command it starts is printed, and what it makes stays in the folder. A command whose line is the same as
in an earlier run of the study is not repeated, and trainings keep a checkpoint, so an interrupted study goes on where it was and a finished one
prints its tables. `--short` is the same study on the 64 test images that come with Rebasis: it shows that everything works and says nothing about accuracy.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys

DATA = "/usr/share/datasets/fashion-mnist"  # Debian's dataset-fashion-mnist
NORMALISED = ["--mean", "0.2860", "--std", "0.3530"]


class Study:
    def __init__(self, description, images, test_images, add_arguments=lambda parser: None):
        """`images`, `test_images`: how many of the training and test images by default, 0: all."""
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("folder", metavar="OUTPUT_FOLDER", help="for everything that the study makes")
        parser.add_argument("--rebasis", default="rebasis", help="the program [%(default)s]")
        parser.add_argument("--short", action="store_true", help="the 64 shipped test images, few steps: does it all work?")
        parser.add_argument("--images", type=int, default=images, help="training images, the first of Fashion-MNIST, 0: all [%(default)s]")
        parser.add_argument("--test-images", type=int, default=test_images, help="images that compressed networks are tested on, 0: all [%(default)s]")
        parser.add_argument("--threads", type=int, default=0, help="of rebasis, 0: one a processor")
        add_arguments(parser)
        self.options = parser.parse_args()
        self.short = self.options.short
        os.makedirs(self.options.folder, exist_ok=True)
        shipped = os.path.dirname(self.output(["list", "networks", "fmnist_resnet20"]).strip())
        self.networks = {name: f"{shipped}/fmnist_{name}.onnx" for name in ("resnet20", "vggsmall")}
        few = f"{shipped}/fmnist_test64-images-idx3-ubyte", f"{shipped}/fmnist_test64-labels-idx1-ubyte"
        kinds = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"), ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
        self.training, self.test = (few, few) if self.short else [[f"{DATA}/{name}" for name in pair] for pair in kinds]

    def path(self, name):
        return os.path.join(self.options.folder, name)

    def output(self, words):
        process = subprocess.run([self.options.rebasis, *words], stdout=subprocess.PIPE, text=True)
        if process.returncode != 0:
            sys.exit(process.returncode if process.returncode > 0 else 1)
        return process.stdout

    def run(self, name, words):
        """Standard output of `rebasis words`, of an earlier run if it was the same."""
        line, kept = shlex.join(["rebasis", *words]), self.path(name + ".log.json")
        if os.path.exists(kept):
            with open(kept) as file:
                log = json.load(file)
            if log["command"] == line:
                return log["output"]
        print(line, flush=True)
        output = self.output([*words, "--quiet"])
        with open(kept + ".tmp", "w") as file:
            json.dump({"command": line, "output": output}, file, indent=1)
        os.replace(kept + ".tmp", kept)
        return output

    def train(self, name, network, recipe, values=(), short=(), images=None, tested=True):
        """Trains; the history of the run. `values`: "key=value" in place of the recipe's; `short`: those of --short, behind them."""
        images = self.options.images if images is None else images
        words = ["train", network, "--recipe", recipe, "--inputs", self.training[0], "--labels", self.training[1], *NORMALISED,
                 "--threads", str(self.options.threads), "--limit", str(0 if self.short else images)]
        if tested:
            words += ["--test-inputs", self.test[0], "--test-labels", self.test[1]]
        for value in [*values, *(short if self.short else ())]:
            words += ["--set", value]
        self.run(name, [*words, "--checkpoint", self.path(name + ".ckpt"), "--history", self.path(name + ".json"), "-o", self.path(name + ".onnx")])
        with open(self.path(name + ".json")) as file:
            return json.load(file)

    def compress(self, name, network, recipe):
        """Compresses; the report, and the layers of the trace NAME.trace."""
        words = ["compress", network, "--recipe", recipe, "--inputs", self.test[0], "--labels", self.test[1], *NORMALISED,
                 "--calibration-inputs", self.training[0], "--threads", str(self.options.threads),
                 "--limit", str(0 if self.short else self.options.test_images), "--json", "-o", self.path(name + ".trace")]
        report = json.loads(self.run(name + ".compress", words))
        return report, json.loads(self.output(["inspect", "--json", self.path(name + ".trace")]))["layers"]

    def table(self, title, header, rows):
        print(f"\n{title}{', --short: no accuracies to go by' if self.short else ''}\n")
        for cells in [header, ["---"] * len(header), *rows]:
            print("| " + " | ".join(cells) + " |")
        sys.stdout.flush()


def percent(share, digits=2):
    return "-" if share is None else f"{100 * share:.{digits}f}"


def kilobytes(size):
    return f"{size / 1000:.1f}"


def accuracy_after(history, network=""):
    return history["test"]["after"][network] if history["test"] else None


def last(history):
    return history["epochs"][-1]["metrics"]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def of_layers(metrics, name):
    """The figure NAME of every layer."""
    return [value for key, value in metrics.items() if key.endswith("/" + name)]
