"""What a reduction takes from the caching allocator while it runs.

A sum that is split over several thread blocks has a staging buffer and an array of semaphores.  Their sizes follow from the
input's layout and the card (aten/src/ATen/native/cuda/Reduce.cuh, 2.15) and are no line in the batch, so a program holds the
layout.  The same rule is `reduction_staging` in core/kernels/iterator.cpp.
"""
import functools

MULTIPROCESSORS, THREADS_PER_MULTIPROCESSOR = 108, 2048  # compute capability 8.0, as the goldens
FEWEST_VALUES, MOST_VALUES = 16, 256                     # of one thread


def runs(dimensions):
    """The dimensions (size, stride, reduced) as TensorIterator has them: reduced ones first, innermost first, without those
    of size 1, neighbours that lie in one run merged."""
    merged = []
    for size, stride, reduced in sorted_from_innermost(dimensions):
        if size == 1:
            continue
        if merged and merged[-1][2] == reduced and merged[-1][0] * merged[-1][1] == stride:
            merged[-1] = (merged[-1][0] * size, merged[-1][1], reduced)
        else:
            merged.append((size, stride, reduced))
    return merged


def comes_later(a, b):
    """1 where dimension a belongs behind b, -1 before it, 0 where neither can be said."""
    if a[2] != b[2]:
        return 1 if b[2] else -1
    if a[1] == 0 or b[1] == 0:
        return 0
    if a[1] != b[1]:
        return -1 if a[1] < b[1] else 1
    return 1 if a[0] > b[0] else 0


def sorted_from_innermost(dimensions):
    """TensorIterator::reorder_dimensions: an insertion sort that leaves alone what it cannot tell apart."""
    order = list(reversed(dimensions))
    for i in range(1, len(order)):
        moving = i
        for j in range(i - 1, -1, -1):
            comparison = comes_later(order[j], order[moving])
            if comparison > 0:
                order[j], order[moving], moving = order[moving], order[j], j
            elif comparison < 0:
                break
    return order


def power_of_two(n):
    return 1 << (n.bit_length() - 1)


def ceil_div(a, b):
    return -(-a // b)


def product(numbers):
    return functools.reduce(lambda a, b: a * b, numbers, 1)


def staging(dimensions, element=4, accumulator=4, multiprocessors=MULTIPROCESSORS):
    """Bytes of the (staging buffer, semaphores) of a reduction of dimensions (size, stride, reduced); (0, 0): it has none."""
    dimensions = runs(dimensions)
    inner = [d for d in dimensions if d[2]]
    outer = [d for d in dimensions if not d[2]]
    per_output, outputs = product(d[0] for d in inner), product(d[0] for d in outer)
    if not inner or not per_output * outputs:
        return 0, 0
    fastest = not outer or inner[0][1] < outer[0][1]  # what is summed is what lies closest
    across, along = (per_output, outputs) if fastest else (outputs, per_output)
    first, vector = (inner if fastest else outer)[0], 1
    if first[1] == 1 and fastest and across > 128 and len(dimensions) == 1:
        across //= 4
    elif first[1] == 1 and not fastest:
        vector = 4
        for n in [first[0], *(d[1] for d in dimensions if d is not first)]:
            while n % vector:
                vector //= 2
        across //= vector
    threads = (256 if element >= 8 else 512) // vector
    across2, along2 = (power_of_two(n) if n < threads else threads for n in (across, along))
    width = min(across2, 32)
    height = min(along2, threads // width)
    width = min(across2, threads // height)
    step_in, step_out = (width, 1) if fastest else (1, width)
    values = ceil_div(per_output, step_in)
    split = values >= height * FEWEST_VALUES or values >= MOST_VALUES
    step_in, step_out = (step_in * height, step_out) if split else (step_in, step_out * height)
    grid = ceil_div(outputs // vector, step_out)
    values = ceil_div(per_output, step_in)
    target = multiprocessors * (THREADS_PER_MULTIPROCESSOR // (width * height))
    if not split or values < MOST_VALUES or grid > target:
        return 0, 0
    blocks = max(min(ceil_div(target, grid), ceil_div(values, FEWEST_VALUES)), ceil_div(values, MOST_VALUES))
    if blocks <= 1:
        return 0, 0
    return accumulator * outputs * blocks * (1 if fastest else width * vector), 4 * grid
