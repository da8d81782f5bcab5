"""The text of a model document: its one layout, its canonical form, its share link.  Needs no torch."""
import base64
import json
import math
import zlib

LOSSES = ("none", "ce", "mse", "pow2", "sum", "misa", "model")
KEYS = ["format", "version", "name", "source", "inputs", "layers", "parameters", "outputs", "returns", "loss"]
ROW_FIRST = ["op", "class", "name", "shares", "inputs"]
ROW_LAST = ["scope", "training", "only", "grad", "autocast", "checkpoint", "frozen", "returns", "called_with", "prints", "held"]


def ordered(row):
    """A row's keys in the one order: what it is, the operation's own attributes as they were written, how it is run."""
    first = [k for k in ROW_FIRST if k in row]
    last = [k for k in ROW_LAST if k in row]
    return {k: row[k] for k in first + [k for k in row if k not in first and k not in last] + last}


def text(value):
    return json.dumps(value, ensure_ascii=False)


def lay_out(document):
    """The document's text.  Top-level keys stand one a line ("format" and "version" share theirs), rows of `layers` and
    `parameters` one a line, and `inputs` and `outputs` too when several are objects.  Unknown keys come last, as they are."""
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


def canonical(value):
    """The value as RFC 8785 writes it: keys sorted by UTF-16, no blanks, numbers as JavaScript prints them."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{text(k)}:{canonical(v)}" for k, v in members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(canonical, value)) + "]"
    return number(value) if isinstance(value, float) else text(value)


def number(value):
    """A double as ECMAScript's Number::toString: the shortest digits that read back as it."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no place in JSON")
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent and abs(value) >= 1e-6:
        return mantissa
    sign, digits = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    whole, _, fraction = digits.partition(".")
    power = int(exponent or 0) + len(whole.lstrip("0")) - 1
    if whole.strip("0") == "":
        power = int(exponent or 0) - 1 - (len(fraction) - len(fraction.lstrip("0")))
    digits = (whole + fraction).strip("0")
    if -7 < power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    return f"{sign}{digits[0]}{'.' + digits[1:] if len(digits) > 1 else ''}e{'+' if power > 0 else ''}{power}"


def link(document, page=""):
    """The share link that opens the page with this model."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(canonical({"model": document}).encode()) + packer.flush()
    return f"{page}#v=1&z={base64.urlsafe_b64encode(packed).decode().rstrip('=')}"
