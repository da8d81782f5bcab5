"""Activations, as modules and as functions."""
from .table import Table, tensor

table = Table()
add, rows = table.add, table.rows
X = [6, 5, 4]

# name of the module, of the function, attributes worth varying, whether it has `inplace`
ELEMENTWISE = [
    ("ReLU", "relu", {}, True), ("ReLU6", "relu6", {}, True), ("ELU", "elu", {"alpha": 0.5}, True), ("SELU", "selu", {}, True),
    ("CELU", "celu", {"alpha": 2.0}, True), ("GELU", "gelu", {"approximate": "tanh"}, False), ("SiLU", "silu", {}, True),
    ("Mish", "mish", {}, True), ("Hardswish", "hardswish", {}, True), ("Hardsigmoid", "hardsigmoid", {}, True),
    ("Hardtanh", "hardtanh", {"min_val": 0.0, "max_val": 6.0}, True), ("Hardshrink", "hardshrink", {"lambd": 1.0}, False),
    ("Softshrink", "softshrink", {"lambd": 1.0}, False), ("Tanhshrink", "tanhshrink", {}, False),
    ("LeakyReLU", "leaky_relu", {"negative_slope": 0.2}, True), ("RReLU", "rrelu", {"lower": 0.1, "upper": 0.3}, True),
    ("Sigmoid", "sigmoid", {}, False), ("LogSigmoid", "logsigmoid", {}, False), ("Softplus", "softplus", {"beta": 2.0, "threshold": 10.0}, False),
    ("Softsign", "softsign", {}, False), ("Tanh", "tanh", {}, False),
]
for module, function, attributes, inplace in ELEMENTWISE:
    for op in (module, function):
        add(op, X)
        add(op, [7])
        if attributes:
            add(op, X, **attributes)
        add(op, tensor(X, "bfloat16"))
        rows([5, 6], [{"op": "transpose", "dim0": 1, "dim1": 2}, {"op": op}])  # the strides of a dense input are kept
        if inplace:
            add(op, X, inplace=True)
add("tanh", X, inplace=True)
add("sigmoid", X, inplace=True)
add("RReLU", X, training=False)
for op in ("Threshold", "threshold"):
    add(op, X, threshold=0.1, value=20.0)
    add(op, X, threshold=0.0, value=0.0, inplace=True)
add("relu", tensor(X, "int64"))
add("gelu", tensor(X, "int64"), fails=(None, "wrong-dtype"))
add("gelu", X, approximate="erf", fails=("approximate", "unknown-word"))
add("sigmoid", tensor(X, "int64"))
add("tanh", tensor(X, "bool"))
add("sigmoid", tensor(X, "int64"), inplace=True, fails=("inplace", "wrong-dtype"))
add("tanh", tensor(X, "int64"), inplace=True, fails=("inplace", "wrong-dtype"))
add("Softshrink", X, lambd=-1.0, fails=("lambd", "out-of-range"))
add("RReLU", X, lower=0.5, upper=0.25, fails=("lower", "out-of-range"))
add("Hardtanh", X, min_val=2.0, max_val=1.0, fails=("min_val", "out-of-range"))
# an expanded input is no dense one: the copy is contiguous; one whose storage repeats cannot be written
rows([6, 1], [{"op": "expand", "sizes": [-1, -1, 4]}, {"op": "relu"}])
rows([6, 1], [{"op": "expand", "sizes": [-1, -1, 4]}, {"op": "relu", "inplace": True}], fails=("inplace", "overlapping-write"))
rows([6, 8], [{"op": "getitem", "index": [":", ":", {"slice": [None, None, 2]}]}, {"op": "relu"}])
rows([6, 8], [{"op": "getitem", "index": [":", {"slice": [0, 3, None]}]}, {"op": "ReLU"}])
rows([6, 8], [{"op": "getitem", "index": [":", {"slice": [0, 3, None]}]}, {"op": "ReLU", "inplace": True}])
rows([3, 4, 5], [{"op": "permute", "dims": [0, 2, 3, 1]}, {"op": "GELU"}])
rows([3, 4, 5], [{"op": "permute", "dims": [3, 0, 2, 1]}, {"op": "silu"}])

add("PReLU", X)
add("PReLU", X, num_parameters=6)
add("PReLU", [6], num_parameters=6, init=0.1)
add("PReLU", X, num_parameters=5, fails=("num_parameters", "shape-mismatch"))
add("PReLU", [], num_parameters=2, fails=("num_parameters", "shape-mismatch"))
add("prelu", X, parameters={"w": [6]}, weight="w")
add("prelu", X, parameters={"w": [1]}, of=["x", "w"])
add("prelu", X, parameters={"w": [5]}, weight="w", fails=("weight", "shape-mismatch"))

for op in ("GLU", "glu"):
    add(op, [6])
    add(op, [6, 5, 4])
    add(op, [6, 5], dim=1)
    add(op, [6, 5], dim=-1, fails=("dim", "not-divisible"))
    add(op, [6, 4], dim=3, fails=("dim", "out-of-range"))
for op in ("Softmax", "LogSoftmax", "Softmin", "softmax", "log_softmax", "softmin"):
    add(op, [7], dim=1)
    add(op, [6, 5, 4], dim=-1)
    add(op, [6, 5, 4], dim=1)
    add(op, [6, 5], dim=3, fails=("dim", "out-of-range"))
    add(op, tensor([6, 5], "float16"), dim=2)
    add(op, tensor([6, 5], "int64"), dim=2, fails=(None, "wrong-dtype"))
    rows([6, 5], [{"op": "transpose", "dim0": 1, "dim1": 2}, {"op": op, "dim": 2}])
for op in ("softmax", "log_softmax", "softmin"):
    add(op, tensor([6, 5], "bfloat16"), dim=-1, dtype="float32")
    add(op, tensor([6, 5], "int64"), dim=-1, dtype="float32")
add("Softmax", [])  # without dim: 0 of one, three dimensions and of no dimensions, else 1
add("Softmax", [7])
add("Softmax", [6, 5])
add("LogSoftmax", [6, 5, 4])
add("Softmax2d", [6, 5, 4])
add("Softmax2d", [6, 5])
add("Softmax2d", [6], fails=(None, "wrong-rank"))

CASES = table.cases
