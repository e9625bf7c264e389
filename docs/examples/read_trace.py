"""Reads a trace with nothing but numpy. docs/trace-format.md explains each line.

    python3 read_trace.py T.trace            lists the layers
    python3 read_trace.py T.trace LAYER      prints the layer's decoded weights as JSON
"""
import json
import sys

import numpy as np

TYPES = {"U8": "u1", "I8": "i1", "I16": "<i2", "U16": "<u2", "I32": "<i4", "U32": "<u4", "I64": "<i8", "U64": "<u8", "F32": "<f4", "F64": "<f8"}


def open_trace(path):
    """The metadata, and a dictionary of tensors that are read when they are used."""
    file = np.memmap(path, mode="r")
    end = 8 + int(file[:8].view("<u8")[0])
    header = json.loads(bytes(file[8:end]))
    meta = header.pop("__metadata__")
    meta.update({key: json.loads(meta[key]) for key in ("layers", "auxiliary", "provenance", "sha256")})
    return meta, {name: file[end + t["data_offsets"][0]:end + t["data_offsets"][1]].view(TYPES[t["dtype"]]).reshape(t["shape"])
                  for name, t in header.items()}


def bits(packed, count):
    return np.unpackbits(packed, count=count, bitorder="little").astype(bool)


def decode(layer, t):
    """Integer weights [M][C/groups][R][S] of a layer, and the worth of one unit in each filter [M]."""
    t = {name[len(layer["name"]) + 1:]: tensor for name, tensor in t.items() if name.startswith(layer["name"] + "/")}
    s = layer["shape"]
    shape = s["M"], s["C"] // s["groups"], s["R"], s["S"]
    if layer["encoding"] == "dense-int8":
        return t["weights"].reshape(shape).astype(int), t["weight_scale"].astype(float)
    if layer["encoding"] == "ternary":
        codes = bits(t["codes"], 2 * int(np.prod(shape))).reshape(-1, 2)  # (not zero, negative)
        scale = t.get("channel_scale", np.ones(s["M"], "f4")).astype(float)
        return np.where(codes[:, 1], -1, codes[:, 0].astype(int)).reshape(shape), float(t["alpha"][0]) * scale
    d = layer["smartdeal"]
    n, exponents = d["n"], np.array(d["exponents"])
    rows = bits(t["row_index"], s["M"] * d["rows"])
    elements = np.zeros((rows.size, n), bool)
    elements[rows] = bits(t["element_index"], rows.sum() * n).reshape(-1, n)

    code, length, words = 0, 0, {}  # canonical Huffman: shorter codes first, then by symbol
    for symbol in sorted(np.flatnonzero(t["code_lengths"]), key=lambda symbol: (t["code_lengths"][symbol], symbol)):
        code <<= int(t["code_lengths"][symbol]) - length
        length = int(t["code_lengths"][symbol])
        words[length, code], code = symbol, code + 1
    symbols, length, code = [], 0, 0
    for bit in bits(t["coefficients"], int(t["filter_bits"].sum())):
        length, code = length + 1, code << 1 | int(bit)
        if (length, code) in words:
            symbols.append(words[length, code])
            length, code = 0, 0

    symbols = np.array(symbols, int)
    ce = np.zeros(elements.shape, int)
    ce[elements] = np.where(symbols < len(exponents), 1, -1) << (exponents - exponents[0])[symbols % len(exponents)]
    slices = np.repeat(np.arange(len(d["slice_rows"])), d["slice_rows"])
    w = np.einsum("mrk,mrkc->mrc", ce.reshape(s["M"], d["rows"], n), t["basis"].astype(int)[:, slices])
    w = w.reshape(s["M"], -1)[:, :shape[1] * shape[2] * shape[3]].reshape(shape)
    return w, 2.0 ** (exponents[0] - t["basis_shift"].astype(float))


if __name__ == "__main__":
    metadata, tensors = open_trace(sys.argv[1])
    for entry in metadata["layers"]:
        if len(sys.argv) == 2:
            print(entry["name"], entry["encoding"], entry["shape"])
        elif entry["name"] == sys.argv[2]:
            weights, unit = decode(entry, tensors)
            print(json.dumps({"weights": weights.tolist(), "unit": unit.tolist()}))
