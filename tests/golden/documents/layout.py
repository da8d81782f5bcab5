"""The one layout of a model document, so that a change of one row is a change of one line.

  python layout.py FILE…    rewrites the files in it

The layout itself is the exporter's (presets/from_torch/document.py); it needs no torch.
"""
import json, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "presets"))
from from_torch.document import lay_out  # noqa: E402


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        path.write_text(lay_out(json.loads(path.read_text("utf-8"))), "utf-8")
