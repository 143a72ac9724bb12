"""Layers of attention in PyTorch eager, forward and backward, as one measuring process for the benchmark beside it.

The first argument is a JSON object with "variant" and sizes. Prints one line of JSON: times of every run and the growth of the peak, or the
reason why there are none.
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Projected(nn.Module):
    """Projections of queries, keys and values without bias and of the output with one, around a product of heads [B, H, N, D]."""

    def __init__(self, c, product):
        super().__init__()
        self.heads, self.product = c["heads"], product
        self.qkv = nn.Linear(c["channels"], 3 * c["channels"], bias=False)
        self.output = nn.Linear(c["channels"], c["channels"])

    def forward(self, x):
        batch, tokens, channels = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, channels // self.heads).permute(2, 0, 3, 1, 4)
        return self.output(self.product(q, k, v).transpose(1, 2).reshape(batch, tokens, channels))


def plain_product(q, k, v):
    return torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, -1) @ v


class Multihead(nn.Module):
    """PyTorch's own layer, without the weights as a result."""

    def __init__(self, c):
        super().__init__()
        self.layer = nn.MultiheadAttention(c["channels"], c["heads"], batch_first=True)

    def forward(self, x):
        return self.layer(x, x, x, need_weights=False)[0]


class Sagan(nn.Module):
    """SAGAN's block: queries and keys an eighth as wide, keys and values pooled, the gate a parameter. One sample of maps [B, C, H, W]."""

    def __init__(self, c):
        super().__init__()
        channels = c["channels"]
        self.query, self.key = (nn.Conv2d(channels, channels // 8, 1, bias=False) for _ in range(2))
        self.value = nn.Conv2d(channels, channels // 2, 1, bias=False)
        self.output = nn.Conv2d(channels // 2, channels, 1, bias=False)
        self.gate = nn.Parameter(torch.zeros(()))
        self.heads = c["heads"]

    def forward(self, x):
        batch, _, height, width = x.shape
        apart = lambda y: y.view(batch, self.heads, y.shape[1] // self.heads, -1)
        q = apart(self.query(x))
        k, v = (apart(F.max_pool2d(layer(x), 2)) for layer in (self.key, self.value))
        weights = torch.softmax(q.transpose(-1, -2) @ k, -1)
        read = (v @ weights.transpose(-1, -2)).reshape(batch, -1, height, width)
        return x + self.gate * self.output(read)


class Window(nn.Module):
    """Attention in windows of 8 x 8 with a learned bias for every offset, over maps [B, H, W, C]."""

    side = 8

    def __init__(self, c):
        super().__init__()
        side = self.side
        self.table = nn.Parameter(torch.zeros((2 * side - 1) ** 2, c["heads"]))
        at = torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij"), -1).view(-1, 2)
        apart = at[:, None] - at[None] + side - 1
        self.register_buffer("places", apart[..., 0] * (2 * side - 1) + apart[..., 1])
        self.inside = Projected(c, self.product)

    def product(self, q, k, v):
        bias = self.table[self.places].permute(2, 0, 1)
        return torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 + bias, -1) @ v

    def forward(self, x):
        batch, height, width, channels = x.shape
        side = self.side
        rows, columns = height // side, width // side
        cut = x.view(batch, rows, side, columns, side, channels).transpose(2, 3).reshape(-1, side * side, channels)
        y = self.inside(cut).view(batch, rows, columns, side, side, channels)
        return y.transpose(2, 3).reshape(batch, height, width, channels)


def tokens_shape(c):
    return (1, c["tokens"], c["channels"])


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def logits(c, count):
    """Bytes of the three tensors as large as the logits that exist at one time in the backward pass."""
    return 3 * 4 * c["heads"] * c["tokens"] * count


def case_of(c):
    """The layer, its input's shape, and the bytes that it cannot do without."""
    side = round(c["tokens"] ** 0.5)
    return {
        "plain": lambda: (Projected(c, plain_product), tokens_shape(c), logits(c, c["tokens"])),
        "fused": lambda: (Projected(c, F.scaled_dot_product_attention), tokens_shape(c), 0),
        "multihead": lambda: (Multihead(c), tokens_shape(c), 0),
        "sagan": lambda: (Sagan(c), (1, c["channels"], side, side), logits(c, c["tokens"] // 4)),
        "window": lambda: (Window(c), (1, side, side, c["channels"]), 0),
    }[c["variant"]]()


def measure(c):
    before = peak_megabytes()
    layer, shape, needed = case_of(c)
    if needed / 2**20 > c["megabytes"]:
        return {"reason": f"needs {needed / 1e9:.1f} GB"}
    x = torch.randn(shape, requires_grad=True)
    leaves = (x, *layer.parameters())

    def once():
        start = time.perf_counter()
        torch.autograd.grad(layer(x).square().sum(), leaves)
        return (time.perf_counter() - start) * 1000

    first, limit = once(), c["seconds"] * 1000
    times = [first] if first > limit else []
    while first <= limit and len(times) < c["rounds"] and sum(times) < limit:
        times.append(once())
    return {"milliseconds": times, "megabytes": peak_megabytes() - before, "gigaflops": None}


def main():
    config = json.loads(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(config["threads"])
    print(json.dumps(measure(config)), flush=True)


if __name__ == "__main__":
    main()
