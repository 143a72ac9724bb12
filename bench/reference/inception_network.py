"""The FID Inception network in PyTorch, written from its table, for references. Needs torch and numpy."""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

LOGITS = 1008


def conv(name, graph, out, kernel=(1, 1), stride=1):
    return ("conv", name, graph, out, kernel, stride)


def chain(block, graph, tower, rows, first=0):
    prefix = graph + ("_" + tower if tower else "")
    return [
        conv(f"{block}.{row[0]}", f"{prefix}_conv" + (f"_{first + i}" if first + i else ""), *row[1:])
        for i, row in enumerate(rows)
    ]


def block_a(block, graph, pool):
    return ("concat", [
        chain(block, graph, "", [("branch1x1", 64)]),
        chain(block, graph, "tower", [("branch5x5_1", 48), ("branch5x5_2", 64, (5, 5))]),
        chain(block, graph, "tower_1",
              [("branch3x3dbl_1", 64), ("branch3x3dbl_2", 96, (3, 3)), ("branch3x3dbl_3", 96, (3, 3))]),
        [("average",)] + chain(block, graph, "tower_2", [("branch_pool", pool)]),
    ])


def block_b(block, graph):
    return ("concat", [
        chain(block, graph, "", [("branch3x3", 384, (3, 3), 2)]),
        chain(block, graph, "tower",
              [("branch3x3dbl_1", 64), ("branch3x3dbl_2", 96, (3, 3)), ("branch3x3dbl_3", 96, (3, 3), 2)]),
        [("maximum", 2)],
    ])


def block_c(block, graph, c):
    return ("concat", [
        chain(block, graph, "", [("branch1x1", 192)]),
        chain(block, graph, "tower", [("branch7x7_1", c), ("branch7x7_2", c, (1, 7)), ("branch7x7_3", 192, (7, 1))]),
        chain(block, graph, "tower_1", [("branch7x7dbl_1", c), ("branch7x7dbl_2", c, (7, 1)),
                                        ("branch7x7dbl_3", c, (1, 7)), ("branch7x7dbl_4", c, (7, 1)),
                                        ("branch7x7dbl_5", 192, (1, 7))]),
        [("average",)] + chain(block, graph, "tower_2", [("branch_pool", 192)]),
    ])


def block_d(block, graph):
    return ("concat", [
        chain(block, graph, "tower", [("branch3x3_1", 192), ("branch3x3_2", 320, (3, 3), 2)]),
        chain(block, graph, "tower_1", [("branch7x7x3_1", 192), ("branch7x7x3_2", 192, (1, 7)),
                                        ("branch7x7x3_3", 192, (7, 1)), ("branch7x7x3_4", 192, (3, 3), 2)]),
        [("maximum", 2)],
    ])


def block_e(block, graph, pool):
    def fork(tower, name, first):
        return ("concat", [chain(block, graph, tower, [(name + "a", 384, (1, 3))], first),
                           chain(block, graph, tower, [(name + "b", 384, (3, 1))], first + 1)])

    return ("concat", [
        chain(block, graph, "", [("branch1x1", 320)]),
        chain(block, graph, "tower", [("branch3x3_1", 384)]) + [fork("tower", "branch3x3_2", 1)],
        chain(block, graph, "tower_1", [("branch3x3dbl_1", 448), ("branch3x3dbl_2", 384, (3, 3))])
        + [fork("tower_1", "branch3x3dbl_3", 2)],
        [pool] + chain(block, graph, "tower_2", [("branch_pool", 192)]),
    ])


# The first convolutions have no padding, except the third; "same" marks it.
TABLE = [
    conv("Conv2d_1a_3x3", "conv", 32, (3, 3), 2),
    conv("Conv2d_2a_3x3", "conv_1", 32, (3, 3)) + ("valid",),
    conv("Conv2d_2b_3x3", "conv_2", 64, (3, 3)),
    ("maximum", 2), ("tap", 64),
    conv("Conv2d_3b_1x1", "conv_3", 80),
    conv("Conv2d_4a_3x3", "conv_4", 192, (3, 3)) + ("valid",),
    ("maximum", 2), ("tap", 192),
    block_a("Mixed_5b", "mixed", 32), block_a("Mixed_5c", "mixed_1", 64), block_a("Mixed_5d", "mixed_2", 64),
    block_b("Mixed_6a", "mixed_3"),
    block_c("Mixed_6b", "mixed_4", 128), block_c("Mixed_6c", "mixed_5", 160),
    block_c("Mixed_6d", "mixed_6", 160), block_c("Mixed_6e", "mixed_7", 192),
    ("tap", 768),
    block_d("Mixed_7a", "mixed_8"),
    block_e("Mixed_7b", "mixed_9", ("average",)),
    block_e("Mixed_7c", "mixed_10", ("maximum", 1)),
    ("tap", 2048),
]


def apply(weights, x, step):
    """One step on NCHW maps; `weights(name, graph, inputs, outputs, kernel)` gives the kernel [out, in, kh, kw] and either a bias, batch
    norm folded in, or the arguments of batch norm."""
    if step[0] == "conv":
        _, name, graph, out, kernel, stride = step[:6]
        w, b = weights(name, graph, x.shape[1], out, kernel)
        pad = (0, 0) if stride == 2 or len(step) > 6 else (kernel[0] // 2, kernel[1] // 2)
        if isinstance(b, dict):
            y = F.conv2d(x, w.to(x.dtype), None, stride=stride, padding=pad)
            return F.relu(F.batch_norm(y, **b, eps=0.001), inplace=True)
        return F.relu(F.conv2d(x, w.to(x.dtype), b.to(x.dtype), stride=stride, padding=pad))
    if step[0] == "average":
        return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
    if step[0] == "maximum":
        return F.max_pool2d(x, 3, stride=step[1], padding=0 if step[1] == 2 else 1)
    branches = []
    for branch in step[1]:
        y = x
        for inner in branch:
            y = apply(weights, y, inner)
        branches.append(y)
    return torch.cat(branches, 1)


@torch.no_grad()
def features(weights, images, sizes, dtype=torch.float64):
    """Features {size: [N, size]} of uint8 images [N, H, W, 3], with pytorch-fid's preprocessing."""
    x = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).to(dtype) / 255
    x = 2 * F.interpolate(x, size=(299, 299), mode="bilinear", align_corners=False) - 1
    found = {}
    for step in TABLE:
        if step[0] == "tap":
            if step[1] in sizes:
                found[step[1]] = x.mean((2, 3))
            if step[1] == max(sizes):
                break
        else:
            x = apply(weights, x, step)
    return found


def dat_weights(folder):
    """Weights from the folder of raw files, batch norm folded in."""
    folder = pathlib.Path(folder)

    def get(_, graph, inputs, outputs, kernel):
        w = np.fromfile(folder / f"weights_{graph}.dat", "<f4").reshape(outputs, *kernel, inputs)
        b = np.fromfile(folder / f"bias_{graph}.dat", "<f4")
        return torch.from_numpy(w).permute(0, 3, 1, 2), torch.from_numpy(b)

    return get


def hashed(stream, count, low, high):
    """The same values as packages/metrics/src/fixtures/hashed-values.ts."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(stream) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
        h = h ^ (h >> np.uint32(16))
    return (low + h.astype(np.float64) / 4294967296 * (high - low)).astype(np.float32)


def hashed_weights():
    """The network of packages/metrics/src/fixtures/random-inception.ts; layers are numbered as they are first used."""
    order = {}

    def get(name, _, inputs, outputs, kernel):
        n = order.setdefault(name, len(order))
        fan = inputs * kernel[0] * kernel[1]
        bound = np.sqrt(6 / fan)
        w = hashed(8 * n, fan * outputs, -bound, bound).reshape(*kernel, inputs, outputs).transpose(3, 2, 0, 1)
        scale, shift, mean, variance = (
            hashed(8 * n + 1 + i, outputs, *limits).astype(np.float64)
            for i, limits in enumerate([(0.8, 1.2), (-0.2, 0.2), (-0.1, 0.1), (0.8, 1.2)])
        )
        factor = scale / np.sqrt(variance + 0.001)
        w = w.astype(np.float64) * factor[:, None, None, None]
        return torch.from_numpy(w), torch.from_numpy(shift - mean * factor)

    return get


def hashed_images(stream, count, side):
    blocks = side // 16
    colours = hashed(stream, count * blocks * blocks * 3, 0, 256).astype(np.uint8).reshape(count, blocks, blocks, 3)
    return colours.repeat(16, 1).repeat(16, 2)
