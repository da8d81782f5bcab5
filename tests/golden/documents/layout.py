"""The one layout of a model document, so that a change of one row is a change of one line.

  python layout.py FILE…    rewrites the files in it

Top-level keys stand one a line ("format" and "version" share theirs), the rows of `layers` and `parameters` one a line, and
`inputs` and `outputs` too when several are objects. Keys are in the order of KEYS and ROW_FIRST … ROW_LAST; the operation's own
attributes stand between, in PyTorch's order, as they were written.
"""
import json, pathlib, sys

KEYS = ["format", "version", "name", "source", "inputs", "layers", "parameters", "outputs", "returns", "loss"]
ROW_FIRST = ["op", "class", "name", "shares", "inputs"]
ROW_LAST = ["scope", "training", "only", "grad", "autocast", "checkpoint", "frozen", "returns", "called_with", "prints", "held"]


def ordered(row):
    first = [k for k in ROW_FIRST if k in row]
    last = [k for k in ROW_LAST if k in row]
    return {k: row[k] for k in first + [k for k in row if k not in first and k not in last] + last}


def text(value):
    return json.dumps(value, ensure_ascii=False)


def lay_out(document):
    """The document's text. Unknown keys come last, as they are: judging them is not this script's work."""
    keys = [k for k in KEYS if k in document] + [k for k in document if k not in KEYS]
    lines = []
    for key in keys:
        value = document[key]
        objects = isinstance(value, list) and any(isinstance(v, dict) for v in value)
        if objects and (key in ("layers", "parameters") or key in ("inputs", "outputs") and len(value) > 1):
            rows = [text(ordered(v) if key == "layers" and isinstance(v, dict) else v) for v in value]
            lines.append(f'  "{key}": [\n    ' + ",\n    ".join(rows) + "\n  ]")
        else:
            lines.append(f'  "{key}": {text(value)}')
    body = ",\n".join(lines)
    body = body.replace('",\n  "version"', '", "version"', 1) if keys[:2] == ["format", "version"] else body
    return "{\n" + body + "\n}\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        path.write_text(lay_out(json.loads(path.read_text("utf-8"))), "utf-8")
