"""Up-sampling, pixel shuffles, padding modules and functions."""
from .table import Table, tensor

table = Table()
add, rows = table.add, table.rows
SIZES = {1: [9], 2: [9, 7], 3: [5, 4, 6]}
MODES = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}

for n in (1, 2, 3):
    x = [4] + SIZES[n]
    for op in ("Upsample", "interpolate"):
        add(op, x, scale_factor=2)
        add(op, x, scale_factor=2.5)
        add(op, x, scale_factor=0.3)
        add(op, x, size=11)
        add(op, x, size=[11, 3, 6][:n])
        add(op, x, scale_factor=[2.0, 1.7, 0.5][:n])
        add(op, x, scale_factor=1.7, recompute_scale_factor=True)
        add(op, x, scale_factor=2, mode="nearest-exact") if op == "interpolate" or n == 2 else None
        for mode in MODES[n]:
            add(op, x, scale_factor=2, mode=mode)
            add(op, x, size=[13, 5, 4][:n], mode=mode, align_corners=True)
            add(op, x, scale_factor=1.3, mode=mode, align_corners=False)
            add(op, [4] + [9] * (n % 3 + 1), scale_factor=2, mode=mode, fails=("mode", "wrong-rank"))
        add(op, x, fails=("size", "missing"))
        add(op, x, size=8, scale_factor=2, fails=("scale_factor", "unknown-attribute"))
        add(op, x, scale_factor=2, mode="cubic", fails=("mode", "unknown-word"))
        add(op, x, scale_factor=2, align_corners=True, fails=("align_corners", "unknown-attribute"))
        add(op, x, size=[8] * (n + 1), fails=("size", "wrong-rank"))
        add(op, x, scale_factor=[2.0] * (n + 1), fails=("scale_factor", "wrong-rank"))
        add(op, x, size=0, fails=("size", "empty-output"))
        add(op, x, scale_factor=0.05, fails=("scale_factor", "empty-output"))
    add("interpolate", x, scale_factor=0.5, mode="area")
    add("interpolate", x, size=[3, 5, 4][:n], mode="area")
    add("interpolate", tensor(x, "bfloat16"), scale_factor=2)
add("interpolate", [4, 9, 7], scale_factor=0.5, mode="bilinear", antialias=True)
add("interpolate", [4, 9, 7], size=[20, 20], mode="bicubic", antialias=True, align_corners=False)
add("interpolate", [4, 9, 7], size=5, antialias=True, fails=("antialias", "unknown-attribute"))
add("interpolate", [4], scale_factor=2, fails=(None, "wrong-rank"))
add("interpolate", [3, 32, 32], size=[224, 224], mode="bilinear")
for op in ("UpsamplingNearest2d", "UpsamplingBilinear2d"):
    add(op, [4, 9, 7], scale_factor=2)
    add(op, [4, 9, 7], size=[12, 20])
    add(op, [4, 9], scale_factor=2) if op == "UpsamplingNearest2d" else add(op, [4, 9], scale_factor=2, fails=(None, "wrong-rank"))
rows([9, 7, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "Upsample", "scale_factor": 2}])
rows([9, 7, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "Upsample", "scale_factor": 2, "mode": "bilinear"}])

for op in ("PixelShuffle", "pixel_shuffle"):
    add(op, [12, 5, 4], upscale_factor=2)
    add(op, [9, 5, 4], upscale_factor=3)
    add(op, [2, 8, 5, 4], upscale_factor=2)
    add(op, [12, 5, 4], upscale_factor=5, fails=("upscale_factor", "not-divisible"))
    add(op, [12, 5, 4], upscale_factor=0, fails=("upscale_factor", "out-of-range"))
    add(op, [12], upscale_factor=1, fails=(None, "wrong-rank"))
for op in ("PixelUnshuffle", "pixel_unshuffle"):
    add(op, [3, 8, 4], downscale_factor=2)
    add(op, [1, 9, 6], downscale_factor=3)
    add(op, [3, 8, 5], downscale_factor=2, fails=("downscale_factor", "not-divisible"))
    add(op, [3, 7, 4], downscale_factor=2, fails=("downscale_factor", "not-divisible"))
for op in ("ChannelShuffle", "channel_shuffle"):
    add(op, [6, 5, 4], groups=3)
    add(op, [6, 5, 4], groups=2)
    add(op, [6, 5, 4], groups=4, fails=("groups", "not-divisible"))

for n in (1, 2, 3):
    x = [4] + SIZES[n]
    sides = [1, 2, 0, 3, 2, 1][:2 * n]
    for op, more in ((f"ZeroPad{n}d", {}), (f"ConstantPad{n}d", {"value": 3.5}), (f"ReflectionPad{n}d", {}), (f"ReplicationPad{n}d", {}),
                     (f"CircularPad{n}d", {})):
        constant = op.startswith(("Zero", "Constant"))
        add(op, x, padding=2, **more)
        add(op, x, padding=sides, **more)
        add(op, x, padding=0, **more)
        cut = [-1, 2] + [1, -2, -1, -1][:2 * n - 2]
        add(op, x, padding=cut, **more)
        last = x[-1]
        if not constant and not op.startswith("Replication"):
            add(op, x, padding=[last - 1, 0] + [0, 0] * (n - 1), **more)
            over = last if op.startswith("Reflection") else last + 1
            add(op, x, padding=[over, 0] + [0, 0] * (n - 1), **more, fails=("padding", "out-of-range"))
        else:
            add(op, x, padding=[last + 1, 0] + [0, 0] * (n - 1), **more)
        add(op, x, padding=[-last - 1, 0] + [0, 0] * (n - 1), **more, fails=("padding", "empty-output"))
        add(op, x, padding=[1] * (2 * n + 1), **more, fails=("padding", "wrong-type"))
    for mode in ("reflect", "replicate", "circular"):
        add("pad", x, pad=sides, mode=mode)
        add("pad", x, pad=[1, 1] * (n + 2), mode=mode, fails=("pad", "wrong-rank"))
        if n < 3:
            add("pad", x, pad=[1, 1] * (n + 1), mode=mode)  # dimension 0 is taken for the channels
    add("pad", x, pad=sides)
    add("pad", x, pad=[1, 1], value=0.5)
    add("pad", x, pad=[0, 0])
add("ZeroPad2d", [4, 9, 7], padding=[-1, 1, -1, 1])
add("ReflectionPad2d", [9, 7], padding=1)
add("ReflectionPad2d", [9], padding=1, fails=(None, "wrong-rank"))
add("ConstantPad2d", [9], padding=1, value=0.0)
add("ConstantPad3d", [9], padding=1, value=0.0, fails=("padding", "wrong-rank"))
add("pad", [6, 5], pad=[0, 0, 2, 1, 0, 1])  # the batch too
add("pad", [6, 5], pad=[0, -2, -1, 0])
add("pad", [6, 5], pad=[1, 1] * 4, fails=("pad", "wrong-rank"))
add("pad", [6, 5], pad=[1, 1, 1], fails=("pad", "not-divisible"))
add("pad", [6, 5], pad=[-3, -3], fails=("pad", "empty-output"))
add("pad", [6, 5], pad=[1, 1], mode="mirror", fails=("mode", "unknown-word"))
add("pad", [6, 5], pad=[1, 1], mode="reflect", value=1.0, fails=("value", "unknown-attribute"))
add("pad", tensor([6], "int64"), pad=[0, 3], value=1)
rows([9, 7, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "pad", "pad": [1, 1, 1, 1]}])
rows([9, 7, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "ReflectionPad2d", "padding": 1}], device="meta")  # contiguous on fake CUDA tensors too

CASES = table.cases
