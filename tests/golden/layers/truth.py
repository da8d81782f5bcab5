"""The only writer of the *.json beside it: what PyTorch does with each operation of the model document.

    python tests/golden/layers/truth.py [FAMILY …]        needs torch 2.15; README.md says how the files read

Every case of cases/ runs at batch 2 and 5, on the CPU and on meta tensors. Where their strides differ none are written, unless the
case says whose word counts; any other difference stops the script, as does a case that says it fails and does not, or the reverse.
"""
import importlib
import json
import pathlib
import re
import sys
import warnings

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import torch  # noqa: E402
from document import Refused, Run  # noqa: E402

FAMILIES = sorted(path.stem for path in (HERE / "cases").glob("*.py") if path.stem not in ("__init__", "table"))


def kind(tensor):
    return str(tensor.dtype).removeprefix("torch.")


def owned(entries):
    """Parameters or buffers: [name, shape], and the dtype where it is not float32."""
    return [[name, list(tensor.shape)] + ([kind(tensor)] if tensor.dtype != torch.float32 else []) for name, tensor in entries]


def seen(run):
    outputs = [{"shape": list(out.shape), "dtype": kind(out), "strides": list(out.stride())} | run.storage_of(out) for out in run.outputs]
    if run.module is None:
        return {"outputs": outputs}
    return {"outputs": outputs, "parameters": owned(run.module.named_parameters()), "buffers": owned(run.module.named_buffers())}


def attempt(document, batch, device):
    try:
        return seen(Run(document, batch, device)), None
    except Refused as refused:
        return None, refused


def first_line(error):
    """PyTorch's sets of words come in no order."""
    return re.sub(r"\{([^{}]*)\}", lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", str(error))


def say(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def title(document):
    """A case's name: its rows and input shapes, so that a failing test reads as the call it is about."""
    def row(entry):
        return entry["op"] + "(" + ", ".join(f"{key}={say(value)}" for key, value in entry.items() if key not in ("op", "name")) + ")"
    def tensor(entry):
        return ("×".join(["B"] * (entry.get("batch_dim", 0) is not None) + [say(size) for size in entry["shape"]]) or "a number") + (
            f" {entry['dtype']}" if "dtype" in entry else "") + (f" batch_dim {entry['batch_dim']}" if entry.get("batch_dim") else "")
    parameters = "".join(f", {entry['path']} {'×'.join(map(str, entry['shape']))}" + (f" {entry['dtype']}" if "dtype" in entry else "")
                         for entry in document.get("parameters", []))
    return " → ".join(map(row, document["layers"])) + " of " + ", ".join(map(tensor, document["inputs"])) + parameters


class Wrong(Exception):
    """A case is not as its table says."""


def without_strides(found):
    return found | {"outputs": [{key: value for key, value in out.items() if key != "strides"} for out in found["outputs"]]}


def truth(case):
    document, device = case["model"], case["device"] or "cpu"
    name = title(document)
    entry = {"name": name, "model": document}
    result, refused = attempt(document, 2, device)
    if (refused is not None) != ("fails" in case):
        raise Wrong(f"{name}: PyTorch {'says ' + str(refused) if refused else 'accepts it'}, the table says {case.get('fails', 'it works')}")
    if refused:
        field, code = case["fails"]
        return entry | {"error": first_line(refused), "row": refused.row, "code": code} | ({"field": field} if field else {})
    later, refused = attempt(document, 5, device)
    if refused and not case["fails_at_5"] or later and case["fails_at_5"]:
        raise Wrong(f"{name}: at batch 5 PyTorch {'says ' + str(refused) if refused else 'accepts it'}")
    facts = lambda found: [found.get("parameters"), [[out["dtype"], out["storage"], out.get("of")] for out in found["outputs"]]]
    if later and facts(later) != facts(result):
        raise Wrong(f"{name}: batch 5 {facts(later)}, batch 2 {facts(result)}")
    if case["device"] is None:
        other, meta_refused = attempt(document, 2, "meta")
        if meta_refused or without_strides(other) != without_strides(result):
            raise Wrong(f"{name}: meta {'says ' + str(meta_refused) if meta_refused else 'gives ' + say(other)}, the CPU {say(result)}")
        if other != result:
            print(f"{name}: no strides, meta and the CPU differ")
            result = without_strides(result)
    entry |= result if case["strides"] else without_strides(result)
    return entry | ({"at_5": [out["shape"] for out in later["outputs"]]} if later else {"error_at_5": first_line(refused)})


def main(families):
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    total, names, wrong = 0, set(), []
    for family in families or FAMILIES:
        cases = importlib.import_module(f"cases.{family}").CASES
        lines, before = [], len(wrong)
        for case in cases:
            try:
                entry = truth(case)
            except Wrong as reason:
                wrong.append(reason)
                continue
            if entry["name"] in names:
                wrong.append(f"twice: {entry['name']}")
            names.add(entry["name"])
            lines.append(say(entry))
        if len(wrong) > before:
            continue
        text = f'{{"torch":"{torch.__version__.split("+")[0]}","family":"{family}","cases":[\n' + ",\n".join(lines) + "\n]}\n"
        (HERE / f"{family}.json").write_text(text)
        refused = sum('"error":' in line for line in lines)
        print(f"{family}: {len(lines)} cases, {refused} that PyTorch refuses")
        total += len(lines)
    print(f"{total} cases")
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        raise SystemExit(1)


main(sys.argv[1:])
