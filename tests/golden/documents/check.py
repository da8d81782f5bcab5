"""Protection against slips in the documents: are the classes that torchsummary would print, in order, those of the goldens?

  python check.py          exits 1 and says which differ

Needs neither torch nor the core. It knows three rules alone: what prints (an upper-case row, `prints` times, under its `class`),
that a row with `shares` takes what it does not say from the first call, and that only earlier names may be referred to. It also
checks that each document has the layout of layout.py, that every golden has a document and every document a golden.
"""
import json, pathlib, sys
from layout import lay_out

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def printed(document):
    """Class names in the order of torchsummary's rows."""
    first_calls, names = {}, []
    for row in document["layers"]:
        first = first_calls.get(row.get("shares"), {})
        if row["op"][0].isupper():
            prints = row.get("prints", first.get("prints", 1))
            names += [row.get("class", first.get("class", row["op"]))] * prints
        if "name" in row:
            first_calls[row["name"]] = row
    return names


def slips(document):
    """What is wrong with names and references."""
    inputs = {i["name"] for i in document["inputs"]}
    listed = {p["path"] for p in document.get("parameters", [])}
    rows, wrong = {}, []
    for number, row in enumerate(document["layers"], 1):
        refers = [x.split(":")[0] for x in row.get("inputs", []) if x is not None]
        refers += [row[k] for k in ("weight", "bias", "attn_mask") if isinstance(row.get(k), str)]
        refers += [i["tensor"] for i in row.get("index", []) if isinstance(i, dict) and "tensor" in i]
        for name in refers:
            owner = name.rpartition(".")[0]
            if not (name in rows or name in inputs or name in listed or owner in rows):
                wrong.append(f"row {number} reads {name}, which is no earlier row, input or parameter")
        if "shares" in row and rows.get(row["shares"]) != row["op"]:
            wrong.append(f"row {number} shares {row['shares']}, which is no earlier {row['op']}")
        if "name" in row:
            if row["name"] in rows or row["name"] in inputs or row["name"] in listed:
                wrong.append(f"row {number}: {row['name']} is used twice")
            rows[row["name"]] = row["op"]
    for output in document.get("outputs", []):
        name = output["row"] if isinstance(output, dict) else output
        if name.split(":")[0] not in rows:
            wrong.append(f"output {name} is no row")
    return wrong


def main():
    index = json.loads((HERE / "index.json").read_text("utf-8"))
    goldens, wrong = HERE.parent / "torchsummary", []
    for golden in sorted(goldens.glob("*.txt")) + sorted(goldens.glob("crashed/*.txt")):
        if str(golden.relative_to(goldens)) not in index:
            wrong.append(f"{golden.name} has no document")
    for name, entry in index.items():
        document = json.loads((ROOT / entry["document"]).read_text("utf-8"))
        golden = json.loads((goldens / name).with_suffix(".json").read_text("utf-8"))
        expected = [r["layer"].rpartition("-")[0] for r in golden["rows"]]
        mine = printed(document)
        stops = entry["crash"] in ("hook", "forward")  # then the golden ends at the row that raised
        if (mine[:len(expected)] if stops else mine) != expected:
            at = next((i for i, (a, b) in enumerate(zip(mine, expected)) if a != b), min(len(mine), len(expected)))
            wrong.append(f"{name}: from row {at + 1} the document prints {mine[at:at + 3]}, the golden {expected[at:at + 3]}")
    documents = sorted({e["document"] for e in index.values()} | {str(p.relative_to(ROOT)) for p in
                       [*(ROOT / "presets").glob("*.json"), *HERE.glob("*.json"), *(ROOT / "tests/documents").glob("*.json")]
                       if p.name not in ("index.json", "expected.json")})
    for path in documents:
        text = (ROOT / path).read_text("utf-8")
        document = json.loads(text)
        wrong += [f"{path}: {slip}" for slip in slips(document)]
        if lay_out(document) != text:
            wrong.append(f"{path}: not in the layout of layout.py")
        if path.startswith("tests/golden") and path not in {e["document"] for e in index.values()}:
            wrong.append(f"{path}: no golden belongs to it")
    print(f"{len(index)} goldens, {len(documents)} documents, {len(wrong)} slips", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
