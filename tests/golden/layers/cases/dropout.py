"""Dropout: a new tensor in training, its own input otherwise."""
from .table import Table, tensor

table = Table()
add, rows = table.add, table.rows

for module, function in (("Dropout", "dropout"), ("AlphaDropout", "alpha_dropout"), ("FeatureAlphaDropout", "feature_alpha_dropout")):
    for op in (module, function):
        add(op, [6, 5])
        add(op, [6, 5], p=0.1)
        add(op, [6, 5], p=0.0)
        add(op, [6, 5], p=1.0)
        add(op, [6, 5], p=0.1, inplace=True)
        add(op, [6, 5], training=False)
        add(op, [6, 5], p=1.5, fails=("p", "out-of-range"))
        add(op, [6, 5], p=-0.1, fails=("p", "out-of-range"))
        rows([6, 5], [{"op": "transpose", "dim0": 1, "dim1": 2}, {"op": op}])
for op, x in (("Dropout1d", [6, 9]), ("Dropout2d", [6, 9, 5]), ("Dropout3d", [6, 4, 5, 3])):
    for op in (op, op.lower()):
        add(op, x)
        add(op, x, p=0.2)
        add(op, x, p=0.0)
        add(op, x, training=False)
        add(op, tensor(x, "bfloat16"))
        if op[0] == "D":
            add(op, x, inplace=True)
add("Dropout1d", [], fails=(None, "wrong-rank"))
add("Dropout1d", [6])
add("Dropout2d", [6])
add("Dropout2d", [6, 9])
add("Dropout3d", [6, 9])

CASES = table.cases
