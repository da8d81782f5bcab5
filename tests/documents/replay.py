"""Runs model documents through PyTorch itself: the expected sizes here come from torch, not from our own estimator.

  python replay.py             writes expected.json: outputs, types and parameters of every row of the documents beside this
                               file, at batch 11 in training mode; then runs every golden's document at batch 2 and compares
                               each row that torchsummary would print with the golden (class, shape, parameters, trainable)

Needs torch alone (made with 2.15.0). It reads a document as its format is described, one row after another.
"""
import inspect, json, pathlib, sys
import torch
import torch.nn.functional as F
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BATCH = 11
ROW_KEYS = {"op", "class", "name", "shares", "inputs", "scope", "training", "only", "grad", "autocast", "checkpoint", "frozen",
            "returns", "called_with", "prints", "held"}
NOT_INHERITED = {"name", "inputs", "scope", "training", "grad", "checkpoint"}
# the constructor argument that the incoming shape settles, and which dimension of which input it is
INFERRED = {"in_channels": (0, 1), "in_features": (0, -1), "num_features": (0, 1), "num_channels": (0, 1), "input_size": (0, -1),
            "embed_dim": (0, -1), "in1_features": (0, -1), "in2_features": (1, -1)}
CALL_ATTRIBUTES = {"need_weights", "average_attn_weights", "is_causal", "attn_mask"}


def size(value, batch):
    if isinstance(value, dict):
        follows = "batch" in value
        return value["batch"] * batch + value.get("plus", 0) if follows else {k: size(v, batch) for k, v in value.items()}
    return [size(v, batch) for v in value] if isinstance(value, list) else value


def index(items, tensors, batch):
    def item(i):
        if i == "...":
            return Ellipsis
        if i == ":":
            return slice(None)
        if isinstance(i, dict) and "slice" in i:
            return slice(*(size(v, batch) for v in i["slice"]))
        return tensors[i["tensor"]] if isinstance(i, dict) else i
    return tuple(item(i) for i in items)


def setitem(x, at, value):
    x[at] = value
    return x


def function(op, inputs, a, batch):
    """A function or tensor method by PyTorch's own name; only those that join their tensors, or are Python, need a line."""
    if op in ("cat", "stack"):
        return getattr(torch, op)(inputs, **a)
    if op == "constant":
        return torch.zeros(a["shape"], dtype=getattr(torch, a.get("dtype", "float32")))
    if op == "opaque":
        made = []
        for o in a["outputs"]:
            source = o.get("storage", "new")
            like = torch.empty(0, dtype=getattr(torch, o.get("dtype", "float32")))
            made.append(inputs[int(source.split()[1])].as_strided(o["shape"], o["strides"]) if source != "new"
                        else sum((x.sum() for x in inputs), like.new_zeros(())).to(like.dtype).expand(o["shape"]).clone())
        return made
    if op == "to":
        return inputs[0].to(getattr(torch, a["dtype"]))
    if op in ("view", "reshape", "permute", "expand", "repeat"):
        (sizes,) = a.values()
        return getattr(inputs[0], op)(*sizes)
    if op == "rsub":
        return a["other"] - inputs[0]
    inplace = a.pop("inplace", False)
    if op in ("add", "mul", "sub", "div", "pow") and len(inputs) + len(a) == 2:
        return getattr(inputs[0], op + "_" * inplace)(*inputs[1:], *a.values())
    for home in (F, torch, torch.Tensor):
        if hasattr(home, op):
            call = getattr(home, op)
            return call(*inputs, **a, **({"inplace": True} if inplace else {}))
    raise KeyError(op)


def flat(value):
    if isinstance(value, torch.Tensor) or value is None:
        return [value]
    return [t for v in value for t in flat(v)]


class Run:
    """One document at one batch: `rows` gets (row, outputs, returned, owner) for each."""

    def __init__(self, document, batch):
        self.document, self.batch = document, batch
        self.values, self.rows, self.modules, self.first, self.parameters = {}, [], {}, {}, {}
        for p in document.get("parameters", []):
            t = torch.zeros(p["shape"], dtype=getattr(torch, p.get("dtype", "float32")))
            self.parameters[p["path"]] = t if p.get("buffer") else nn.Parameter(t, requires_grad=not p.get("frozen", False))
        for i in document["inputs"]:
            shape, at = size(i["shape"], batch), i.get("batch_dim", 0)
            if at is not None:
                shape.insert(at, batch)
            self.values[i["name"]] = [torch.zeros(shape, dtype=getattr(torch, i.get("dtype", "float32")))]
        above = document["inputs"][0]["name"]
        for number, row in enumerate(document["layers"], 1):
            try:
                key = f"#{number}"
                self.values[key] = self.call(row, above)
                if "name" in row:
                    self.values[row["name"]] = self.values[key]
                above = key
            except Exception as error:
                raise RuntimeError(f"{document['name']}, row {number} {row}: {error}") from error

    def tensor(self, reference):
        if reference is None:
            return None
        name, _, output = reference.partition(":")
        if name in self.values:
            return self.values[name][int(output or 0)]
        if name in self.parameters:
            return self.parameters[name]
        module, _, parameter = name.rpartition(".")
        return getattr(self.modules[module], parameter)

    def module(self, row, inputs, attributes):
        cls = getattr(nn, row["op"])
        wanted = inspect.signature(cls.__init__).parameters if row["op"] not in ("GRU", "LSTM", "RNN") else {"input_size": None}
        for name, (which, dim) in INFERRED.items():
            if name in wanted and name not in attributes:
                attributes[name] = inputs[which].shape[dim]
        tensors = {k: attributes.pop(k) for k in ("weight", "bias") if isinstance(attributes.get(k), str)}
        if row["op"] in ("GRU", "LSTM", "RNN"):
            attributes = {"input_size": attributes.pop("input_size"), **attributes}
        module = cls(**attributes)
        for name, reference in tensors.items():
            del module._parameters[name]
            value = self.tensor(reference)
            module.__dict__[name] = value
        frozen = row.get("frozen", [])
        for name, parameter in module.named_parameters():
            parameter.requires_grad_(not (frozen is True or name in (frozen or [])))
        return module

    def call(self, row, above):
        of = row.get("shares")
        if of:
            row = {k: v for k, v in self.first[of].items() if k not in NOT_INHERITED} | row
        if "name" in row and not of:
            self.first[row["name"]] = row
        op = row["op"]
        references = row.get("inputs", [] if op == "constant" else [above])
        inputs = [self.tensor(r) for r in references]
        attributes = {k: v for k, v in row.items() if k not in ROW_KEYS}
        path = of or row.get("name", "")
        if op == "Block":
            outputs = inputs
            returned = {"tensor": inputs[0] if inputs else None}.get(row.get("returns", "tensor"), inputs)
            own = {k: self.parameters.get(f"{path}.{k}") for k in ("weight", "bias")}
        elif op[0].isupper():
            call = {k: attributes.pop(k) for k in list(attributes) if k in CALL_ATTRIBUTES}
            if "attn_mask" in call:
                call["attn_mask"] = self.tensor(call["attn_mask"])
            if of:
                module = self.modules[of]
            else:
                module = self.module(row, inputs, size(attributes, self.batch))
                self.modules[path] = module
            module.train(row.get("training", True))
            returned = module(*inputs, **call)
            outputs = flat(returned)
            own = {k: v for k in ("weight", "bias") if isinstance(v := getattr(module, k, None), torch.Tensor)}
        else:
            at = index(attributes.pop("index"), {k: v[0] for k, v in self.values.items() if v}, self.batch) if "index" in attributes else None
            attributes = size(attributes, self.batch)
            for k in ("weight", "bias", "attn_mask"):
                if isinstance(attributes.get(k), str):
                    attributes[k] = self.tensor(attributes[k])
            if op == "getitem":
                returned = inputs[0][at]
            elif op == "setitem":
                with torch.no_grad():
                    returned = setitem(inputs[0], at, inputs[1] if len(inputs) > 1 else attributes["value"])
            else:
                returned = function(op, inputs, attributes, self.batch)
            outputs, own = flat(returned), {}
        self.rows.append((row, outputs, returned, {k: v for k, v in own.items() if v is not None}))
        return outputs

    def backward(self):
        """Backward from every row that has a gradient: a document that PyTorch would refuse to train is no example."""
        ends = [t.float().sum() for _, outputs, _, _ in self.rows for t in outputs if t is not None and t.requires_grad]
        if ends:
            sum(ends).backward()

    def printed(self, batch):
        """The rows as torchsummary 1.5.1 prints them, up to the one at which its hook raises."""
        table = []
        for row, outputs, returned, own in self.rows:
            if not row["op"][0].isupper():
                continue
            for _ in range(row.get("prints", 1)):
                label = f"{row.get('class', row['op'])}-{len(table) + 1}"
                bad = row.get("called_with", "tensor") != "tensor" or row.get("returns") in ("dict", "none", "number")
                nested = isinstance(returned, (list, tuple)) and not all(isinstance(v, torch.Tensor) for v in returned)
                if bad or nested:
                    return table + [(label, None, None, None)]
                shape = [batch, *returned.shape[1:]] if isinstance(returned, torch.Tensor) else [[-1, *v.shape[1:]] for v in returned]
                trainable = own["weight"].requires_grad if "weight" in own else None
                table.append((label, shape, sum(v.numel() for v in own.values()), trainable))
        return table


def expected():
    lines = []
    for path in sorted(HERE.glob("*.json")):
        if path.name == "expected.json":
            continue
        run, rows = Run(json.loads(path.read_text("utf-8")), BATCH), []
        run.backward()
        for row, outputs, _, own in run.rows:
            entry = {"outputs": [None if t is None else list(t.shape) for t in outputs]}
            types = [None if t is None else str(t.dtype).removeprefix("torch.") for t in outputs]
            if any(t != "float32" for t in types):
                entry["dtypes"] = types
            if own:
                entry["parameters"] = sum(v.numel() for v in own.values())
                if "weight" in own:
                    entry["trainable"] = own["weight"].requires_grad
            rows.append("    " + json.dumps(entry))
        lines.append(f'  "{path.name}": [\n' + ",\n".join(rows) + "\n  ]")
    (HERE / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return len(lines)


def goldens():
    folder, wrong, done = ROOT / "tests/golden/torchsummary", [], 0
    for name, entry in json.loads((ROOT / "tests/golden/documents/index.json").read_text("utf-8")).items():
        golden = json.loads((folder / name).with_suffix(".json").read_text("utf-8"))
        done += 1
        if entry["crash"] == "forward":
            continue
        mine = Run(json.loads((ROOT / entry["document"]).read_text("utf-8")), 2).printed(entry["batch"])
        theirs = [(r["layer"], r["output_shape"], r["params"], r["trainable"]) for r in golden["rows"]]
        if theirs and theirs[-1][1] is None:  # a row that raised half way: only its name is certain
            theirs[-1] = (theirs[-1][0], None, None, None)
        if mine != theirs:
            wrong.append(f"{name}: {[p for p in zip(mine, theirs) if p[0] != p[1]][:2] or (len(mine), len(theirs))}")
    print(f"{done} goldens, {len(wrong)} differ", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    print(f"expected.json: {expected()} documents")
    sys.exit(goldens())
