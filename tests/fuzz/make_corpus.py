"""Writes the made-up part of the kept corpus: python3 tests/fuzz/make_corpus.py. Needs numpy. The files in tests/fuzz/corpus that
it does not write were found by the fuzzers, come from the tests (traces, results) or from ONNX's own operator tests."""
import gzip
import os
import struct
import zlib

import numpy as np

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def put(target, name, content):
    os.makedirs(os.path.join(CORPUS, target), exist_ok=True)
    with open(os.path.join(CORPUS, target, name), "wb") as file:
        file.write(content)


def npy_files():
    def saved(name, tensor):
        os.makedirs(os.path.join(CORPUS, "fuzz_npy"), exist_ok=True)
        np.save(os.path.join(CORPUS, "fuzz_npy", name), tensor)

    def raw(header, data=b""):
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data

    saved("f4.npy", np.arange(6, dtype="f4").reshape(2, 3))
    saved("i1_fortran.npy", np.asfortranarray(np.arange(6, dtype="i1").reshape(2, 3)))
    saved("scalar_f8.npy", np.float64(3))
    saved("empty_i8.npy", np.zeros((0, 4), "i8"))
    saved("big_endian.npy", np.arange(3, dtype=">i4"))
    saved("bool.npy", np.array([True, False]))
    put("fuzz_npy", "huge.npy", raw(b"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 16), }\n"))
    put("fuzz_npy", "negative.npy", raw(b"{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }\n"))
    put("fuzz_npy", "object.npy", raw(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", b"x" * 8))
    put("fuzz_npy", "version9.npy", b"\x93NUMPY\x09\x00\x10\x00")
    put("fuzz_npy", "truncated.npy", raw(b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n", b"x" * 23))


def cifar_files():
    planes = bytes(range(256)) * 12  # 3 x 32 x 32
    put("fuzz_cifar", "cifar10", (bytes([9]) + planes) * 2)
    put("fuzz_cifar", "cifar100", bytes([19, 99]) + planes)
    put("fuzz_cifar", "label", bytes([10]) + planes)
    put("fuzz_cifar", "coarse_label", bytes([20, 3]) + planes)
    put("fuzz_cifar", "truncated", bytes([9]) + planes[:-1])
    put("fuzz_cifar", "empty", b"")


def idx_files():
    images = struct.pack(">BBBBIII", 0, 0, 8, 3, 4, 3, 2) + bytes(range(24))
    packed = gzip.compress(images, mtime=0)
    put("fuzz_idx", "images", images)
    put("fuzz_idx", "images.gz", packed)
    put("fuzz_idx", "labels", struct.pack(">BBBBI", 0, 0, 8, 1, 4) + bytes(range(4)))
    put("fuzz_idx", "huge", struct.pack(">BBBBIII", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1))
    put("fuzz_idx", "truncated", images[:-1])
    put("fuzz_idx", "floats", struct.pack(">BBBBI", 0, 0, 13, 1, 1) + b"abcd")
    put("fuzz_idx", "bomb.gz", gzip.compress(struct.pack(">BBBBIII", 0, 0, 8, 3, 3, 4000, 4000) + bytes(3_000_000), mtime=0))
    put("fuzz_idx", "damaged.gz", packed[:-6] + b"xxxxxx")


def images():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def png(width, height, color, rows):
        header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

    grey = png(4, 3, 0, b"".join(b"\0" + bytes(range(i, i + 4)) for i in range(3)))
    put("fuzz_image", "grey.png", grey)
    put("fuzz_image", "rgb.png", png(2, 2, 2, 2 * (b"\0" + bytes(range(6)))))
    put("fuzz_image", "rgba.png", png(2, 2, 6, 2 * (b"\0" + bytes(range(8)))))
    put("fuzz_image", "huge.png", png(2**31 - 1, 2**31 - 1, 2, b"\0"))
    put("fuzz_image", "large.png", png(60000, 60000, 0, b"\0"))
    put("fuzz_image", "truncated.png", grey[:50])


def layer_lists():
    put("fuzz_layer_list", "dense.yaml", b"""network: a
layers:
  - name: a
    op: conv
    weights: w.npy
    weight_scale: 0.5
    activations: x.npy
    activation_scale: auto
    activation_bits: 7
    bias: b.npy
    stride: [1, 2]
    pads: 1
    dilation: 1
    groups: 1
    weight_provenance: trained
    activation_provenance: real
""")
    put("fuzz_layer_list", "smartdeal.yaml", b"""network: a
provenance: {who: me}
layers:
  - name: a
    kernel: 3
    activations: x.npy
    weight_provenance: synthetic
    activation_provenance: synthetic
    smartdeal:
      coefficients: c.npy
      exponents: [-1, 0]
      basis: b.npy
      basis_shift: 6
      slice_rows: [2]
auxiliary:
  - {name: p, op: MaxPool, input_elements: 1, output_elements: 1, fused: true, after: a}
""")


def smartdeal_layers():
    put("fuzz_smartdeal_layer", "zeros", bytes(64))
    # M 2, C 4, rows of channels, n 2, rows 2, P = {-1, 0}: the layer fc/2 of the sample trace.
    put("fuzz_smartdeal_layer", "sample", bytes([1, 3, 0, 1, 1, 9, 1, 0, 0]) + bytes([0b1001]) + bytes([1, 0b1101]) + bytes([0, 1, 1, 0]) +
        bytes([1, 2]) + bytes([1, 0b101]) + bytes([64, 32, 0, 64, 128, 1, 2, 127]) + bytes([6, 6]))


def onnx_files():
    """Networks with weights, in the wire format of protocol buffers; field numbers from onnx.proto."""
    def varint(value):
        value &= 2**64 - 1
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    def number(field, value):
        return varint(field << 3) + varint(value)

    def text(field, value):
        value = value.encode() if isinstance(value, str) else value
        return varint(field << 3 | 2) + varint(len(value)) + value

    def tensor(name, array):
        kind = {"f": 1, "i": 7}[array.dtype.kind]
        return b"".join(number(1, d) for d in array.shape) + number(2, kind) + text(8, name) + text(9, array.tobytes())

    def ints(name, *values):
        return text(5, text(1, name) + b"".join(number(8, v) for v in values) + number(20, 7))

    def node(op, inputs, output, *attributes):
        return text(1, b"".join(text(1, i) for i in inputs) + text(2, output) + text(4, op) + b"".join(attributes))

    def port(field, name, *shape):
        dims = b"".join(text(1, number(1, d)) for d in shape)
        return text(field, text(1, name) + text(2, text(1, number(1, 1) + text(2, dims))))

    def model(graph):
        return number(1, 8) + text(2, "make_corpus") + text(7, graph + text(2, "g")) + text(8, number(2, 13))

    ones = np.ones
    put("fuzz_onnx", "conv_bn_relu.onnx", model(
        node("Conv", ["x", "w", "b"], "c", ints("pads", 1, 1, 1, 1), ints("strides", 2, 2)) +
        node("BatchNormalization", ["c", "s", "b", "b", "s"], "n") + node("Relu", ["n"], "y") +
        text(5, tensor("w", ones((2, 1, 3, 3), "f4"))) + text(5, tensor("b", ones(2, "f4"))) + text(5, tensor("s", ones(2, "f4"))) +
        port(11, "x", 1, 1, 4, 4) + port(12, "y", 1, 2, 2, 2)))
    put("fuzz_onnx", "gemm.onnx", model(
        node("Flatten", ["x"], "f") + node("Gemm", ["f", "w", "b"], "y") + text(5, tensor("w", ones((4, 2), "f4"))) +
        text(5, tensor("b", ones(2, "f4"))) + port(11, "x", 1, 1, 2, 2) + port(12, "y", 1, 2)))
    put("fuzz_onnx", "transposed.onnx", model(
        node("ConvTranspose", ["x", "w"], "y", ints("strides", 2, 2)) + text(5, tensor("w", ones((1, 2, 3, 3), "f4"))) +
        port(11, "x", 1, 1, 2, 2) + port(12, "y", 1, 2, 5, 5)))
    put("fuzz_onnx", "reshape_residual.onnx", model(
        node("Conv", ["x", "w"], "c") + node("Add", ["c", "x"], "a") + node("Reshape", ["a", "s"], "r") + node("MatMul", ["r", "m"], "y") +
        text(5, tensor("w", ones((1, 1, 1, 1), "f4"))) + text(5, tensor("s", np.array([1, -1], "i8"))) + text(5, tensor("m", ones((4, 3), "f4"))) +
        port(11, "x", 1, 1, 2, 2) + port(12, "y", 1, 3)))
    # Weights as Ce x B: whole filters, then some of the products of a matrix, transposed.
    coefficients = np.array([0, 1, 0, 0.5, 0, 0, 0, 0, -2] * 2, "f4").reshape(2, 1, 3, 3)
    put("fuzz_onnx", "factors.onnx", model(
        node("MatMul", ["ce", "ba"], "p") + node("Reshape", ["p", "s"], "w") + node("Conv", ["x", "w"], "y") +
        text(5, tensor("ce", coefficients)) + text(5, tensor("ba", ones((2, 1, 3, 3), "f4"))) +
        text(5, tensor("s", np.array([2, 1, 3, 3], "i8"))) + port(11, "x", 1, 1, 4, 4) + port(12, "y", 1, 2, 2, 2)))
    put("fuzz_onnx", "factors_gathered.onnx", model(
        node("MatMul", ["ce", "ba"], "p") + node("Reshape", ["p", "a"], "r") + node("Gather", ["r", "e"], "g", text(5, text(1, "axis") + number(3, 1) + number(20, 2))) +
        node("Reshape", ["g", "s"], "t") + node("Transpose", ["t"], "w") + node("MatMul", ["x", "w"], "y") +
        text(5, tensor("ce", np.array([0, 1, 0.25, 0] * 2, "f4").reshape(2, 1, 2, 2))) + text(5, tensor("ba", ones((2, 1, 2, 2), "f4"))) +
        text(5, tensor("a", np.array([2, 4], "i8"))) + text(5, tensor("e", np.array([0, 1, 3], "i8"))) +
        text(5, tensor("s", np.array([2, 3], "i8"))) + port(11, "x", 1, 3) + port(12, "y", 1, 2)))


def training_recipes():
    put("fuzz_training_recipe", "plain.yaml", b"""description: a
epochs: 5
batch_size: 128
micro_batches: 2
optimiser: adam
schedule: step
step_epochs: 2
warm_up_epochs: 0.5
augment: {shift: 1, mirror: true}
validation: 0.1
keep: best
data: {classes: [5, 6], part: 1, of: 2}
""")
    put("fuzz_training_recipe", "methods.yaml", b"""epochs: 2
methods:
  - pe_groups: {lambda: 0.03, clip: false}
  - ternary
  - sub_nets: {targets: [70%, "2:4"]}
\0epochs=3
augment.shift=2
pe_groups.lambda=1e-3
data.classes=[1, 2]
ternary.rule=mean
""")


if __name__ == "__main__":
    npy_files()
    cifar_files()
    idx_files()
    images()
    layer_lists()
    smartdeal_layers()
    onnx_files()
    training_recipes()
