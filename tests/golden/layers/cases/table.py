"""How a table of cases is written: each call appends one model document to a family's list."""


def tensor(shape, dtype=None, batch_dim=0):
    """An input of a document: the shape without the batch, which stands at `batch_dim` (None: nowhere)."""
    return {"shape": shape} | ({"dtype": dtype} if dtype else {}) | ({"batch_dim": batch_dim} if batch_dim != 0 else {})


def ids(*shape):
    return tensor(list(shape), "int64")


def mask(*shape):
    return tensor(list(shape), "bool")


class Table:
    """`add` writes a document of one row, `rows` one of several. `fails` is (attribute, diagnostic code) of what is wrong; the
    attribute is None where an input is. `fails_at_5`: written for batch 2 only. `device`, "cpu" or "meta": whose word is taken where
    the two differ, for a reason given at the case. `strides` false: they depend on which of a GPU's kernels runs."""

    def __init__(self):
        self.cases = []

    def rows(self, inputs, layers, parameters=None, fails=None, fails_at_5=False, device=None, strides=True):
        inputs = inputs if isinstance(inputs, dict) and "shape" not in inputs else {"x": inputs}
        document = {"inputs": [{"name": name} | (given if isinstance(given, dict) else {"shape": given}) for name, given in inputs.items()],
                    "layers": layers}
        assert not inputs.keys() & (parameters or {}).keys(), "inputs and parameters share one name space"
        if parameters:
            document["parameters"] = [{"path": path} | (given if isinstance(given, dict) else {"shape": given})
                                      for path, given in parameters.items()]
        self.cases.append({"model": document} | ({"fails": fails} if fails else {})  | {"fails_at_5": fails_at_5, "device": device, "strides": strides})

    def add(self, op, inputs, of=None, parameters=None, fails=None, fails_at_5=False, device=None, strides=True, **attributes):
        if of is None and isinstance(inputs, dict) and "shape" not in inputs:
            of = list(inputs)
        self.rows(inputs, [{"op": op} | ({"inputs": of} if of else {}) | attributes], parameters, fails, fails_at_5, device, strides)
