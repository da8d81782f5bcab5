"""Convolutions, transposed ones, and the sliding windows unfold and fold."""
from .table import Table, tensor

table = Table()
add = table.add
SIZES = {1: [17], 2: [17, 11], 3: [9, 8, 7]}

for n in (1, 2, 3):
    conv, transposed, sizes = f"Conv{n}d", f"ConvTranspose{n}d", SIZES[n]
    x = [4] + sizes
    def each(*values):
        return list(values[:n])
    # kernel, stride, padding, dilation
    add(conv, x, out_channels=6, kernel_size=3)
    add(conv, x, out_channels=6, kernel_size=each(3, 1, 2))
    add(conv, x, out_channels=6, kernel_size=1, bias=False)
    add(conv, x, out_channels=6, kernel_size=3, padding=1)
    add(conv, x, out_channels=6, kernel_size=2, stride=2)
    add(conv, x, out_channels=6, kernel_size=2, stride=3)
    add(conv, x, out_channels=6, kernel_size=3, stride=each(2, 1, 3), padding=each(1, 0, 2))
    add(conv, x, out_channels=6, kernel_size=3, dilation=2)
    add(conv, x, out_channels=6, kernel_size=each(3, 2, 2), dilation=each(2, 3, 1), padding=each(2, 3, 1), stride=2)
    add(conv, x, out_channels=6, kernel_size=1, padding=2)
    # the kernel equal to the (padded, dilated) input, and one above it
    add(conv, x, out_channels=2, kernel_size=sizes)
    add(conv, x, out_channels=2, kernel_size=[sizes[0] + 1] + sizes[1:], fails=("kernel_size", "kernel-exceeds-input"))
    add(conv, x, out_channels=2, kernel_size=[sizes[0] + 2] + sizes[1:], padding=[1] + [0] * (n - 1))
    add(conv, x, out_channels=2, kernel_size=[sizes[0] + 3] + sizes[1:], padding=[1] + [0] * (n - 1), fails=("kernel_size", "kernel-exceeds-input"))
    add(conv, [3] + [7] * n, out_channels=2, kernel_size=3, dilation=3)
    add(conv, [3] + [6] * n, out_channels=2, kernel_size=3, dilation=3, fails=("kernel_size", "kernel-exceeds-input"))
    # words
    add(conv, x, out_channels=6, kernel_size=3, padding="same")
    add(conv, x, out_channels=6, kernel_size=4, padding="same")
    add(conv, x, out_channels=6, kernel_size=each(2, 5, 4), dilation=each(3, 2, 1), padding="same")
    add(conv, x, out_channels=6, kernel_size=2, padding="valid", stride=2)
    add(conv, x, out_channels=6, kernel_size=3, padding="same", stride=2, fails=("padding", "out-of-range"))
    add(conv, x, out_channels=6, kernel_size=3, padding="full", fails=("padding", "unknown-word"))
    # padding modes
    for mode in ("reflect", "replicate", "circular"):
        add(conv, x, out_channels=6, kernel_size=3, padding=2, padding_mode=mode)
        add(conv, x, out_channels=6, kernel_size=4, padding="same", padding_mode=mode)
    add(conv, x, out_channels=6, kernel_size=3, padding=[sizes[0]] + [0] * (n - 1), padding_mode="reflect", fails=("padding", "out-of-range"))
    add(conv, x, out_channels=6, kernel_size=3, padding=[sizes[0] - 1] + [0] * (n - 1), padding_mode="reflect")
    add(conv, x, out_channels=6, kernel_size=3, padding=[sizes[0] + 1] + [0] * (n - 1), padding_mode="circular", fails=("padding", "out-of-range"))
    add(conv, x, out_channels=6, kernel_size=3, padding=[sizes[0]] + [0] * (n - 1), padding_mode="circular")
    add(conv, x, out_channels=6, kernel_size=3, padding=[sizes[0] + 1] + [0] * (n - 1), padding_mode="replicate")
    add(conv, x, out_channels=6, kernel_size=3, padding_mode="mirror", fails=("padding_mode", "unknown-word"))
    # groups
    add(conv, x, out_channels=6, kernel_size=3, groups=2)
    add(conv, x, out_channels=8, kernel_size=3, groups=4, padding=1)
    add(conv, x, out_channels=6, kernel_size=3, groups=3, fails=("groups", "not-divisible"))
    add(conv, x, out_channels=6, kernel_size=3, groups=4, fails=("groups", "not-divisible"))
    add(conv, x, out_channels=6, kernel_size=3, groups=0, fails=("groups", "out-of-range"))
    # what the shape settles, given
    add(conv, x, in_channels=4, out_channels=6, kernel_size=3)
    add(conv, x, in_channels=3, out_channels=6, kernel_size=3, fails=("in_channels", "shape-mismatch"))
    add(conv, x, in_channels=8, out_channels=6, kernel_size=3, groups=2, fails=("in_channels", "shape-mismatch"))
    # values out of range
    add(conv, x, out_channels=6, kernel_size=3, stride=0, fails=("stride", "out-of-range"))
    add(conv, x, out_channels=6, kernel_size=3, stride=-1, fails=("stride", "out-of-range"))
    add(conv, x, out_channels=6, kernel_size=3, padding=-1, fails=("padding", "out-of-range"))
    add(conv, x, out_channels=6, kernel_size=3, dilation=0, fails=("dilation", "out-of-range"))
    add(conv, x, out_channels=-6, kernel_size=3, fails=("out_channels", "out-of-range"))
    add(conv, x, out_channels=6, kernel_size=[3] * (n + 1), fails=("kernel_size", "wrong-type"))
    # inputs of another rank or dtype
    add(conv, x + [5], out_channels=6, kernel_size=3, fails=(None, "wrong-rank"))
    add(conv, [4] + ([] if n < 3 else [9]), out_channels=6, kernel_size=1, in_channels=4, fails=(None, "wrong-rank")) if n > 1 else None
    add(conv, tensor(x, "bfloat16"), out_channels=6, kernel_size=3, fails=(None, "wrong-dtype"))
    add(conv, tensor(x, "int64"), out_channels=6, kernel_size=3, fails=(None, "wrong-dtype"))

    # transposed
    y = [4] + [5, 6, 7][:n]
    add(transposed, y, out_channels=6, kernel_size=3)
    add(transposed, y, out_channels=6, kernel_size=2, stride=2)
    add(transposed, y, out_channels=6, kernel_size=3, stride=2, padding=1, output_padding=1)
    add(transposed, y, out_channels=6, kernel_size=each(3, 4, 2), stride=each(2, 3, 1), padding=each(1, 2, 0), output_padding=each(1, 2, 0), bias=False)
    add(transposed, y, out_channels=6, kernel_size=3, dilation=2, output_padding=1)
    add(transposed, y, out_channels=6, kernel_size=3, dilation=each(2, 1, 3), padding=each(2, 0, 1), stride=2)
    add(transposed, y, out_channels=6, kernel_size=4, stride=2, padding=1, groups=2)
    add(transposed, y, out_channels=6, kernel_size=3, stride=2, padding=1, output_size=[2 * size for size in y[1:]])
    add(transposed, y, out_channels=6, kernel_size=3, stride=2, padding=1, output_size=[2 * size + 1 for size in y[1:]], fails=("output_size", "out-of-range"))
    add(transposed, y, out_channels=6, kernel_size=3, output_padding=1, fails=("output_padding", "out-of-range"))
    add(transposed, y, out_channels=6, kernel_size=3, stride=2, output_padding=2, fails=("output_padding", "out-of-range"))
    add(transposed, y, out_channels=6, kernel_size=3, groups=3, fails=("groups", "not-divisible"))
    add(transposed, y, out_channels=5, kernel_size=3, groups=2, fails=("groups", "not-divisible"))
    add(transposed, y, out_channels=6, kernel_size=1, padding=3, fails=("padding", "empty-output"))
    add(transposed, y, in_channels=4, out_channels=6, kernel_size=3)
    add(transposed, y, in_channels=5, out_channels=6, kernel_size=3, fails=("in_channels", "shape-mismatch"))
    add(transposed, y, out_channels=6, kernel_size=3, padding_mode="reflect", fails=("padding_mode", "unknown-word"))
    add(transposed, y, out_channels=6, kernel_size=3, stride=0, fails=("stride", "out-of-range"))
    add(transposed, y + [5], out_channels=6, kernel_size=3, fails=(None, "wrong-rank"))

    # the functions, weights by keyword and by position
    function, backward = f"conv{n}d", f"conv_transpose{n}d"
    w, b = {"w": [6, 4] + [3] * n}, {"b": [6]}
    add(function, x, parameters=w, weight="w")
    add(function, x, parameters=w | b, weight="w", bias="b", stride=2, padding=1)
    add(function, x, parameters=w | b, of=["x", "w", "b"], dilation=2)
    add(function, x, parameters=w, of=["x", "w"], padding="same")
    add(function, x, parameters={"w": [6, 2] + [3] * n}, weight="w", groups=2, padding=each(0, 1, 2))
    add(function, x, parameters=w, weight="w", groups=2, fails=("weight", "shape-mismatch"))
    add(function, x, parameters=w | {"b": [5]}, weight="w", bias="b", fails=("bias", "shape-mismatch"))
    add(function, x, parameters={"w": [6, 4] + [3] * (n - 1)}, weight="w", fails=("weight", "wrong-rank"))
    add(function, x, parameters={"w": [6, 4] + [18] * n}, weight="w", fails=("weight", "kernel-exceeds-input"))
    add(function, x, parameters={"w": [5, 2] + [3] * n}, weight="w", groups=2, fails=("groups", "not-divisible"))
    t = {"w": [4, 6] + [3] * n}
    add(backward, y, parameters=t, weight="w")
    add(backward, y, parameters=t | b, weight="w", bias="b", stride=2, padding=1, output_padding=1)
    add(backward, y, parameters={"w": [4, 3] + [3] * n} | b, of=["x", "w", "b"], groups=2, dilation=2)
    add(backward, y, parameters={"w": [6, 4] + [3] * n}, weight="w", fails=("weight", "shape-mismatch"))
    add(backward, y, parameters=t, weight="w", output_padding=1, fails=("output_padding", "out-of-range"))

# The networks of the project's presets
add("Conv2d", [1, 40, 1024], out_channels=128, kernel_size=[40, 1])
add("Conv2d", [128, 1, 1024], out_channels=256, kernel_size=[1, 11], padding=[0, 5])
add("Conv2d", [3, 224, 224], out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)
add("Conv2d", [3, 224, 224], out_channels=768, kernel_size=16, stride=16)
add("Conv2d", [32, 14, 14], out_channels=32, kernel_size=3, padding=1, groups=32, bias=False)
add("Conv2d", [6, 0, 5], out_channels=2, kernel_size=1, fails=(None, "empty-output"))
add("Conv2d", [0, 8, 8], out_channels=2, kernel_size=1, in_channels=3, fails=("in_channels", "shape-mismatch"))

# a convolution of what is not contiguous
table.rows([8, 10, 4], [{"op": "permute", "dims": [0, 3, 1, 2], "name": "nchw"}, {"op": "Conv2d", "out_channels": 6, "kernel_size": 3}],
           device="cpu")  # the layout is kept, on fake CUDA tensors too
table.rows([10, 4], [{"op": "transpose", "dim0": 1, "dim1": 2}, {"op": "Conv1d", "out_channels": 6, "kernel_size": 3, "padding": 1}])

for op in ("Unfold", "unfold"):
    add(op, [3, 10, 12], kernel_size=3)
    add(op, [3, 10, 12], kernel_size=[2, 4], stride=[2, 3], padding=[1, 0], dilation=[1, 2])
    add(op, [3, 32, 32], kernel_size=16, stride=16)
    add(op, [3, 10, 12], kernel_size=13, fails=("kernel_size", "kernel-exceeds-input"))
    add(op, [3, 10, 12], kernel_size=3, stride=0, fails=("stride", "out-of-range"))
    add(op, [3, 10, 12], kernel_size=3, dilation=0, fails=("dilation", "out-of-range"))
    add(op, [3, 4, 10, 12], kernel_size=3, fails=(None, "wrong-rank"))
for op in ("Fold", "fold"):
    add(op, [27, 80], output_size=[10, 12], kernel_size=3)
    add(op, [12, 4], output_size=[4, 4], kernel_size=2, stride=2)
    add(op, [24, 20], output_size=[10, 12], kernel_size=[2, 4], stride=[2, 3], padding=[0, 1], dilation=1)
    add(op, [27, 81], output_size=[10, 12], kernel_size=3, fails=("output_size", "shape-mismatch"))
    add(op, [26, 80], output_size=[10, 12], kernel_size=3, fails=("kernel_size", "not-divisible"))
    add(op, [3, 27, 80], output_size=[10, 12], kernel_size=3, fails=(None, "wrong-rank"))

CASES = table.cases
