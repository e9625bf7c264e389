"""Makes the tensors and the layer list of a small pruned network: python3 make_layers.py FOLDER. docs/bring-your-own.md."""
import os
import sys

import numpy as np

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(1)


def save(name, tensor):
    np.save(os.path.join(folder, name), tensor)


# A convolution pruned to 30 % and quantised elsewhere: integers, taken as they are.
weights = random.integers(-127, 128, (8, 3, 3, 3)).astype(np.int8)
weights[random.random(weights.shape) < 0.7] = 0
save("conv1_w.npy", weights)
save("conv1_x.npy", random.integers(0, 256, (2, 3, 8, 8)).astype(np.uint8))
save("conv1_b.npy", random.normal(size=8).astype(np.float32))

# A convolution in SmartDeal form: powers of two, half of the rows zero, times a basis close to the identity.
coefficients = 2.0 ** random.integers(-3, 1, (8, 24, 3)) * random.choice([-1, 1], (8, 24, 3))
coefficients[random.random((8, 24)) < 0.5] = 0
save("conv2_ce.npy", coefficients.astype(np.float32))
save("conv2_b.npy", (np.eye(3) + 0.1 * random.normal(size=(8, 2, 3, 3))).astype(np.float32))
save("conv2_x.npy", np.maximum(random.normal(size=(2, 8, 4, 4)), 0).astype(np.float32))

# A fully-connected layer in floating point: quantised by rebasis trace.
save("fc_w.npy", random.normal(size=(10, 8)).astype(np.float32))
save("fc_x.npy", random.normal(size=(2, 8)).astype(np.float32))

with open(os.path.join(folder, "layers.yaml"), "w") as file:
    file.write("""network: example
provenance:
  made_by: make_layers.py
layers:
  - name: conv1
    weights: conv1_w.npy
    weight_scale: 0.01
    activations: conv1_x.npy
    activation_scale: 0.00392157
    bias: conv1_b.npy
    stride: 2
    pads: 1
    weight_provenance: synthetic
    activation_provenance: synthetic
  - name: conv2
    kernel: 3
    pads: 1
    activations: conv2_x.npy
    activation_scale: auto
    activation_bits: 7
    weight_provenance: synthetic
    activation_provenance: synthetic
    smartdeal:
      coefficients: conv2_ce.npy
      basis: conv2_b.npy
      slice_rows: [12, 12]
  - name: fc
    op: fc
    weights: fc_w.npy
    activations: fc_x.npy
    activation_scale: auto
    weight_provenance: synthetic
    activation_provenance: synthetic
auxiliary:
  - {name: pool, op: GlobalAveragePool, input_elements: 128, output_elements: 8, after: conv2}
""")
