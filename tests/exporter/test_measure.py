"""presets/measure.py: what it says without a device, and what it reads on a null CUDA device where tests/oracle has built one.

  python -m unittest discover tests/exporter
"""
import contextlib
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "presets/measure.py"
sys.path.insert(0, str(ROOT / "presets"))

import measure  # noqa: E402

MIB = 1 << 20


def null_device():
    """The preload of tests/oracle for this torch, or None."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch
    version = "".join(torch.__version__.split("+")[0].split(".")[:2])
    library = pathlib.Path(os.environ.get("NULLCUDA_LIB", f"/tmp/oracle/build{version}/libcuda.so.1"))
    return f"{library}:{library.with_name('libnvidia-ml.so.1')}" if library.exists() else None


def said(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = measure.main(list(arguments))
    return status, out.getvalue(), err.getvalue()


class WhatCannotBeMeasured(unittest.TestCase):
    def test_without_torch(self):
        with mock.patch.dict(sys.modules, torch=None):
            self.assertEqual(said(), (1, "", "measure: PyTorch is not installed\n"))

    def test_without_a_device(self):
        torch = mock.Mock()
        torch.cuda.is_available.return_value = False
        with mock.patch.dict(sys.modules, torch=torch):
            self.assertEqual(said(), (1, "", "measure: PyTorch sees no CUDA device\n"))

    def test_a_device_that_is_none(self):
        torch = mock.Mock()
        torch.cuda.device_count.return_value = 1
        with mock.patch.dict(sys.modules, torch=torch):
            self.assertEqual(said("--device", "3")[2], "measure: there is no CUDA device 3: PyTorch sees 1\n")

    def test_a_binary_that_is_none(self):
        status, out, err = said("--footprint", "/nowhere/footprint")
        self.assertEqual((status, out, err.count("\n")), (1, "", 1))
        self.assertIn("/nowhere/footprint cannot be run", err)


class WhatIsRead(unittest.TestCase):
    def test_memory_of_other_programs_is_no_context(self):
        torch = mock.Mock()
        torch.cuda.mem_get_info.return_value = (10_000 * MIB, 16_000 * MIB)
        torch.cuda.memory_reserved.return_value = 4_000 * MIB
        self.assertEqual(measure.outside_allocator(torch, 1_500 * MIB), 500 * MIB)

    def test_the_table(self):
        card = {"name": "Card", "usable_mib": 15_095, "in_use_mib": 0, "torch": "2.15.0", "context": 300 * MIB, "bare_context": 106 * MIB,
                "readings": [{"preset": "vgg16", "batch": 8, "peak_allocated": 12 * MIB, "peak_reserved": 20 * MIB,
                              "predicted": {"peak_allocated": 10 * MIB, "peak_reserved": 20 * MIB}},
                             {"preset": "vgg16", "batch": 64, "out_of_memory": True}, {"workspace": "matrix product", "bytes": 8_519_680}]}
        self.assertEqual(list(measure.table(card)), [
            "Card: 15,095 MiB, 0 MiB of it other programs', torch 2.15.0",
            "context 106.0 MiB bare, 300.0 MiB after training",
            "vgg16, batch 8: peak allocated 12.0 MiB, predicted 10.0 MiB (+2.0 MiB measured)",
            "vgg16, batch 8: peak reserved 20.0 MiB, predicted 20.0 MiB, equal",
            "vgg16, batch 64: out of memory",
            "matrix product: 8.1 MiB of workspace"])

    def test_the_networks_are_the_presets(self):
        for preset, _, shape, _, _ in measure.NETWORKS:
            document = json.loads((ROOT / f"presets/{preset}.json").read_text("utf-8"))
            self.assertEqual(document["inputs"][0]["shape"], list(shape), preset)

    @unittest.skipUnless(null_device(), "tests/oracle has built no null CUDA device for this torch: nothing is measured")
    def test_on_a_null_device(self):
        environment = dict(os.environ, LD_PRELOAD=null_device(), OMP_NUM_THREADS="1")
        ran = subprocess.run([sys.executable, str(SCRIPT), "--name", "Mine"], env=environment, capture_output=True, text=True, timeout=300)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        card = json.loads(ran.stdout)
        self.assertEqual([card[key] for key in ("name", "usable_mib", "in_use_mib", "compute_capability", "sm_count")],
                         ["Mine", 81_920, 0, "8.0", 108])
        peaks = {(r["preset"], r["batch"]): (r["peak_allocated"], r["peak_reserved"]) for r in card["readings"] if "preset" in r}
        recorded = json.loads((ROOT / "tests/golden/step/vision.json").read_text("utf-8"))["rows"]
        for golden in (r for r in recorded if r["id"] in ("vgg16-b1-sgdm", "vgg16-b8-sgdm")):
            self.assertEqual(peaks["vgg16", golden["run"]["batch"]], (golden["peak_allocated"], golden["peak_reserved"]))
        taken = {r["workspace"]: r["bytes"] for r in card["readings"] if "workspace" in r}
        self.assertEqual(taken["linear layer 1024 × 1024"], 1_048_576)


if __name__ == "__main__":
    unittest.main()
