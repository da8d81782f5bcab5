"""Pooling, its functions, and unpooling."""
from .table import Table, tensor

table = Table()
add, rows = table.add, table.rows
SIZES = {1: [17], 2: [17, 10], 3: [9, 10, 7]}

for n in (1, 2, 3):
    sizes = SIZES[n]
    x = [4] + sizes
    def each(*values):
        return list(values[:n])
    for maximum, average in ((f"MaxPool{n}d", f"AvgPool{n}d"), (f"max_pool{n}d", f"avg_pool{n}d")):
        for pool in (maximum, average):
            add(pool, x, kernel_size=2)
            add(pool, x, kernel_size=3, stride=2, padding=1)
            add(pool, x, kernel_size=3, stride=2, ceil_mode=True)
            add(pool, x, kernel_size=2, stride=2, ceil_mode=True)
            # the last window must start inside the input or its left padding: it does, it does not
            add(pool, x, kernel_size=3, stride=2, padding=1, ceil_mode=True)
            add(pool, x, kernel_size=2, stride=4, padding=1, ceil_mode=True)
            add(pool, x, kernel_size=2, stride=5, ceil_mode=True)
            add(pool, [4] + [7] * n, kernel_size=1, stride=4, ceil_mode=True)
            add(pool, [4] + [6] * n, kernel_size=2, stride=3, padding=1, ceil_mode=True)
            add(pool, x, kernel_size=each(2, 3, 1), stride=each(1, 3, 2), padding=each(1, 0, 0))
            add(pool, x, kernel_size=2, stride=3)
            add(pool, x, kernel_size=1, stride=2)
            # the kernel equal to the padded input, one above it, padding above half the kernel
            add(pool, x, kernel_size=sizes)
            add(pool, x, kernel_size=[sizes[0] + 1] + sizes[1:], fails=("kernel_size", "kernel-exceeds-input"))
            if pool not in ("AvgPool3d", "avg_pool3d"):
                add(pool, [4] + [5] * n, kernel_size=7, padding=1)
                add(pool, [4] + [5] * n, kernel_size=6, stride=2, ceil_mode=True)  # one window, not whole
                add(pool, [4] + [5] * n, kernel_size=6, stride=1, ceil_mode=True, fails=("kernel_size", "kernel-exceeds-input"))
            else:  # these alone measure the kernel against the input without its padding
                add(pool, [4] + [5] * n, kernel_size=7, padding=1, fails=("kernel_size", "kernel-exceeds-input"))
                add(pool, [4] + [5] * n, kernel_size=5, padding=1)
            add(pool, [4] + [5] * n, kernel_size=8, padding=1, fails=("kernel_size", "kernel-exceeds-input"))
            add(pool, [4] + [5] * n, kernel_size=4, ceil_mode=True)
            add(pool, x, kernel_size=3, padding=2, fails=("padding", "out-of-range"))
            add(pool, x, kernel_size=2, padding=-1, fails=("padding", "out-of-range"))
            add(pool, x, kernel_size=0, fails=("kernel_size", "out-of-range"))
            add(pool, x, kernel_size=2, stride=0, fails=("stride", "out-of-range"))
            add(pool, x, kernel_size=[2] * (n + 1), fails=("kernel_size", "wrong-type"))
            add(pool, x + [5], kernel_size=2, fails=(None, "wrong-rank"))
            add(pool, sizes, kernel_size=2)  # dimension 0 is taken for the channels
            add(pool, tensor(x, "bfloat16"), kernel_size=2, device="meta" if pool.lower().startswith("avg") and n == 3 else None)  # no such kernel on the CPU
        add(maximum, x, kernel_size=2, dilation=2)
        add(maximum, x, kernel_size=3, stride=2, padding=1, dilation=each(2, 3, 1), ceil_mode=True)
        add(maximum, [4] + [5] * n, kernel_size=3, dilation=2)
        add(maximum, [4] + [4] * n, kernel_size=3, dilation=2, fails=("kernel_size", "kernel-exceeds-input"))
        add(maximum, x, kernel_size=3, padding=2, dilation=2, fails=("padding", "out-of-range"))  # half the kernel undilated
        add(maximum, x, kernel_size=2, dilation=0, fails=("dilation", "out-of-range"))
        add(maximum, x, kernel_size=2, return_indices=True)
        add(maximum, x, kernel_size=3, stride=2, padding=1, ceil_mode=True, return_indices=True)
        add(average, x, kernel_size=3, stride=1, padding=1, count_include_pad=False)
        if n > 1:
            add(average, x, kernel_size=3, stride=2, divisor_override=2)
            add(average, x, kernel_size=3, stride=2, divisor_override=0, fails=("divisor_override", "out-of-range"))
    for maximum, average in ((f"AdaptiveMaxPool{n}d", f"AdaptiveAvgPool{n}d"), (f"adaptive_max_pool{n}d", f"adaptive_avg_pool{n}d")):
        for pool in (maximum, average):
            add(pool, x, output_size=1)
            add(pool, x, output_size=[1] * n)
            add(pool, x, output_size=each(3, 5, 2))
            add(pool, x, output_size=sizes)
            add(pool, x, output_size=[sizes[0] + 3] + sizes[1:])
            add(pool, x + [5], output_size=2, fails=(None, "wrong-rank"))
            add(pool, sizes, output_size=2)
            add(pool, x, output_size=-1, fails=("output_size", "out-of-range"))
            add(pool, tensor(x, "float16"), output_size=2)
            if n > 1:
                add(pool, x, output_size=[None] + each(3, 5)[:n - 1])
                add(pool, x, output_size=[4] + [None] * (n - 1))
                add(pool, x, output_size=[None] * n)
        add(maximum, x, output_size=each(3, 5, 2), return_indices=True)
    for pool in (f"LPPool{n}d", f"lp_pool{n}d"):
        add(pool, x, norm_type=2, kernel_size=3)
        add(pool, x, norm_type=1.5, kernel_size=2, stride=3, ceil_mode=True)
        if n > 1:
            add(pool, x, norm_type=2, kernel_size=each(3, 2, 1), stride=each(2, 1, 2))
        add(pool, x, norm_type=2, kernel_size=sizes[0] + 1, fails=("kernel_size", "kernel-exceeds-input"))
    for kernel, even, more in ((2, [4] + [8, 6, 10][:n], {}), (3, [4] + [9, 7, 5][:n], {"stride": 2, "padding": 1})):
        rows(even, [{"op": f"MaxPool{n}d", "name": "pool", "kernel_size": kernel, "return_indices": True} | more,
                    {"op": f"MaxUnpool{n}d", "inputs": ["pool", "pool:1"], "kernel_size": kernel} | more])
        rows(even, [{"op": f"max_pool{n}d", "name": "pool", "kernel_size": kernel, "return_indices": True} | more,
                    {"op": f"max_unpool{n}d", "inputs": ["pool", "pool:1"], "kernel_size": kernel} | more])
    rows([4] + [9] * n, [{"op": f"MaxPool{n}d", "name": "pool", "kernel_size": 2, "return_indices": True},
                         {"op": f"MaxUnpool{n}d", "inputs": ["pool", "pool:1"], "kernel_size": 2, "output_size": [9] * n}])
    rows([4] + [9] * n, [{"op": f"MaxPool{n}d", "name": "pool", "kernel_size": 2, "return_indices": True},
                         {"op": f"MaxUnpool{n}d", "inputs": ["pool", "pool:1"], "kernel_size": 2, "output_size": [12] * n}],
         fails=("output_size", "out-of-range"))

for pool in ("FractionalMaxPool2d", "fractional_max_pool2d"):
    add(pool, [4, 17, 10], kernel_size=2, output_size=[9, 5])
    add(pool, [4, 17, 10], kernel_size=[3, 2], output_ratio=[0.5, 0.7], return_indices=True)
    add(pool, [4, 17, 10], kernel_size=2, output_size=[17, 5], fails=("output_size", "out-of-range"))
    add(pool, [4, 17, 10], kernel_size=2, fails=("output_size", "missing"))

# The presets' pools, and a pool of what is not contiguous
add("MaxPool2d", [256, 1, 1024], kernel_size=[1, 3], stride=[1, 2], padding=[0, 1])
add("MaxPool2d", [64, 112, 112], kernel_size=3, stride=2, padding=1)
add("AdaptiveAvgPool2d", [512, 7, 7], output_size=[7, 7])
# (output_size 1 is a mean over the last two dimensions of whatever comes, in PyTorch: not a case, a document's mistake)
add("AdaptiveAvgPool2d", [9216], output_size=2, fails=(None, "wrong-rank"))
rows([8, 10, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "MaxPool2d", "kernel_size": 2}])
rows([8, 10, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "AvgPool2d", "kernel_size": 2}])
rows([8, 10, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "AdaptiveAvgPool2d", "output_size": 2}])
rows([8, 10, 4], [{"op": "permute", "dims": [0, 3, 1, 2]}, {"op": "AdaptiveAvgPool2d", "output_size": 1}])

CASES = table.cases
