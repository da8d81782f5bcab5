"""getitem and setitem with every form of index, gather, index_select, masked_fill, one_hot."""
from .table import Table, ids, mask, tensor

table = Table()
add, rows = table.add, table.rows
X = [6, 5, 4]
fixed = lambda *shape: tensor(list(shape), "int64", batch_dim=None)


def cut(start=None, stop=None, step=None):
    return {"slice": [start, stop, step]}


VIEWS = [[0], [-1], [":", 2], [":", -6], [":", ":", ":", 1], ["...", 0], ["...", ":"], ["..."], [":"], [], [None], [None, ":"],
         [":", None, "...", None], ["...", None], [":", 0, None], [":", cut(1, 4)], [":", cut(None, -1)], [":", cut(-3)], [":", cut(0, None, 2)],
         [":", cut(1, 6, 3)], [":", cut(4, 2)], [":", cut(0, 100)], [":", cut(-100, 3)], ["...", cut(None, 2), cut(2, 3)],
         [cut(0, 1)], [cut(None, {"batch": 1, "plus": -1})], [":", 1, "...", 2], [0, 1, 2, 3], [cut(), cut(), 4]]
for index in VIEWS:
    add("getitem", X, index=index)
add("getitem", X, index=[2], fails=("index", "out-of-range"))
add("getitem", X, index=[":", 6], fails=("index", "out-of-range"))
add("getitem", X, index=[":", -7], fails=("index", "out-of-range"))
add("getitem", X, index=[0, 0, 0, 0, 0], fails=("index", "wrong-rank"))
add("getitem", X, index=[":", cut(0, 4, 0)], fails=("index", "out-of-range"))
add("getitem", X, index=[":", cut(0, 4, -1)], fails=("index", "out-of-range"))

COPIES = [([{"tensor": "i"}], fixed(3)), ([":", {"tensor": "i"}], fixed(3)), ([":", {"tensor": "i"}], fixed(3, 2)), ([":", {"tensor": "i"}], fixed()),
          (["...", {"tensor": "i"}], fixed(7)), ([":", {"tensor": "i"}, cut(1, 3)], fixed(3)), ([":", 1, {"tensor": "i"}], fixed(3)),
          ([":", {"tensor": "i"}, None], fixed(3)), ([":", {"tensor": "i"}, ":", {"tensor": "i"}], fixed(3)),
          ([":", {"tensor": "i"}, {"tensor": "i"}], fixed(3)), ([{"tensor": "i"}, ":", {"tensor": "i"}], ids()), ([{"tensor": "i"}], ids(3)),
          ([{"tensor": "i"}, 0], ids()), ([cut(0, 2), {"tensor": "i"}, 0], fixed(3)), ([0, ":", {"tensor": "i"}], fixed(3)),
          ([":", 0, ":", {"tensor": "i"}], fixed(3))]
for index, i in COPIES:  # an index of no dimensions is an integer: a view, and meta cannot read it
    add("getitem", {"x": X, "i": i}, of=["x"], index=index, device=None if i["shape"] or "batch_dim" not in i else "cpu")
add("getitem", {"x": X, "i": fixed(3), "j": fixed(4, 1)}, of=["x"], index=[":", {"tensor": "i"}, {"tensor": "j"}])
add("getitem", {"x": X, "i": fixed(3), "j": fixed(4)}, of=["x"], index=[":", {"tensor": "i"}, {"tensor": "j"}], fails=("index", "shape-mismatch"))
add("getitem", {"x": X, "i": tensor([3], "float32", batch_dim=None)}, of=["x"], index=[":", {"tensor": "i"}], fails=("index", "wrong-dtype"))
add("getitem", {"x": X, "i": tensor([3], "int32", batch_dim=None)}, of=["x"], index=[":", {"tensor": "i"}])
rows([6, 5], [{"op": "transpose", "dim0": 1, "dim1": 2}, {"op": "getitem", "index": [":", cut(1, 3)]}])
rows({"x": [6, 5], "i": fixed(3)}, [{"op": "transpose", "dim0": 1, "dim1": 2, "inputs": ["x"]}, {"op": "getitem", "index": [":", {"tensor": "i"}]}])
rows({"x": [6, 5, 4], "i": fixed(3)}, [{"op": "permute", "dims": [0, 2, 3, 1], "inputs": ["x"]}, {"op": "getitem", "index": [":", {"tensor": "i"}]}])
add("getitem", {"i": fixed(7, 7)}, of=["table"], parameters={"table": [169, 3]}, index=[{"tensor": "i"}])

for index in ([0], [":", 2], [":", cut(1, 4)], ["..."], [":", None, 0], ["...", cut(None, None, 2)]):
    add("setitem", X, index=index, value=0.0)
add("setitem", {"x": X, "y": [5, 4]}, index=[":", 2])
add("setitem", {"x": X, "y": [1, 4]}, index=[":", 2])
add("setitem", {"x": X, "y": tensor([4], batch_dim=None)}, index=[":", cut(1, 4)])
add("setitem", {"x": X, "y": tensor([5, 4], "float16")}, index=[":", 2])
add("setitem", {"x": X, "y": [4, 4]}, index=[":", 2], fails=(None, "shape-mismatch"))
add("setitem", X, index=[":", 7], value=0.0, fails=("index", "out-of-range"))
add("setitem", {"x": X, "i": fixed(3)}, of=["x"], index=[":", {"tensor": "i"}], value=1.0)
add("setitem", {"x": X, "y": [3, 5, 4], "i": fixed(3)}, of=["x", "y"], index=[":", {"tensor": "i"}])
rows(X, [{"op": "transpose", "dim0": 1, "dim1": 2, "name": "t"}, {"op": "setitem", "index": [":", 0], "value": 0.0}])

add("gather", {"x": [6, 5], "i": ids(3, 5)}, dim=1)
add("gather", {"x": [6, 5], "i": ids(2, 2)}, dim=-1)
add("gather", {"x": [6, 5], "i": ids(3, 6)}, dim=1, fails=(None, "shape-mismatch"))
add("gather", {"x": [6, 5], "i": ids(3)}, dim=1, fails=(None, "wrong-rank"))
add("gather", {"x": [6, 5], "i": [3, 5]}, dim=1, fails=(None, "wrong-dtype"))
add("gather", {"x": [6, 5], "i": ids(3, 5)}, dim=3, fails=("dim", "out-of-range"))
add("index_select", {"x": X, "i": fixed(3)}, dim=1)
add("index_select", {"x": X, "i": ids()}, dim=-1)
add("index_select", {"x": X, "i": ids(3)}, dim=1, fails=(None, "wrong-rank"))
add("index_select", {"x": X, "i": [3]}, dim=1, fails=(None, "wrong-rank"))
add("index_select", {"x": tensor([], batch_dim=None), "i": fixed(1)}, dim=0)
add("index_select", {"x": tensor([], batch_dim=None), "i": fixed(3)}, dim=0, fails=(None, "shape-mismatch"))
add("take_along_dim", {"x": [6, 5], "i": ids(1, 5)}, dim=1)
add("scatter", {"x": [6, 5], "i": ids(3, 5), "y": [4, 5]}, dim=1)
add("index_add", {"x": [6, 5], "i": fixed(3), "y": [3, 5]}, dim=1)
add("index_add", {"x": [6, 5], "i": fixed(3), "y": [4, 5]}, dim=1, fails=(None, "shape-mismatch"))
add("masked_fill", {"x": [6, 5], "m": mask(6, 5)}, value=0.0)
add("masked_fill", {"x": [6, 5], "m": mask(1, 5)}, value=-1e9)
add("masked_fill", {"x": [3, 6, 5], "m": tensor([6, 5], "bool", batch_dim=None)}, value=float(0))
add("masked_fill", {"x": [6, 5], "m": mask(6, 5)}, value=0.0, inplace=True)
add("masked_fill", {"x": [1, 5], "m": mask(6, 5)}, value=0.0)
add("masked_fill", {"x": [6, 5], "m": mask(6, 4)}, value=0.0, fails=(None, "shape-mismatch"))
add("masked_fill", {"x": [6, 5], "m": ids(6, 5)}, value=0.0, fails=(None, "wrong-dtype"))
add("one_hot", ids(), num_classes=10)
add("one_hot", ids(6, 5), num_classes=3)
add("one_hot", [6], num_classes=3, fails=(None, "wrong-dtype"))

CASES = table.cases
