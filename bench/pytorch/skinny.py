"""The GAN without a convolution in PyTorch: latent stack under a style, pixels in two blocks, an attention U-Net's way down as the
discriminator (logits of images only). The configuration is the model record of a preset of @ganymede/models-skinny."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Linear(nn.Module):
    def __init__(self, inputs, outputs, bias=True, multiplier=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / multiplier)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale, self.multiplier = multiplier / math.sqrt(inputs), multiplier

    def forward(self, x):
        bias = self.bias if self.bias is None or self.multiplier == 1 else self.bias * self.multiplier
        return F.linear(x, self.weight * self.scale, bias)


class Mlp(nn.Sequential):
    def __init__(self, width, ratio):
        super().__init__(Linear(width, ratio * width), nn.GELU(), Linear(ratio * width, width))


class Attention(nn.Module):
    """Multi-head attention of tokens to a memory, with a bias on the logits."""

    def __init__(self, width, heads, memory=None):
        super().__init__()
        memory = memory or width
        self.q, self.k, self.v = (Linear(inputs, width, False) for inputs in (width, memory, memory))
        self.output, self.heads = Linear(width, width), heads

    def forward(self, x, memory=None, bias=0.0):
        memory = x if memory is None else memory
        split = lambda y: y.view(*y.shape[:2], self.heads, -1).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(memory)), split(self.v(memory))
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[3]) + bias, -1)
        return self.output((weights @ v).transpose(1, 2).reshape(x.shape))


class Grid(Attention):
    def __init__(self, width, heads, side, window):
        super().__init__(width, heads)
        self.side, self.window = side, min(window, side)
        self.table = nn.Parameter(torch.randn((2 * self.window - 1) ** 2, heads) * 0.02)
        at = torch.arange(self.window**2)
        row, column = at // self.window, at % self.window
        down, right = (line[:, None] - line[None, :] + self.window - 1 for line in (row, column))
        self.register_buffer("index", down * (2 * self.window - 1) + right)

    def forward(self, x):
        b, n, c = x.shape
        w, s = self.window, self.side // self.window
        cut = x.view(b, s, w, s, w, c).transpose(2, 3).reshape(b * s * s, w * w, c)
        mixed = super().forward(cut, bias=self.table[self.index].permute(2, 0, 1))
        return mixed.view(b, s, s, w, w, c).transpose(2, 3).reshape(b, n, c)


class Local(nn.Module):
    def __init__(self, width, heads, side, kernel):
        super().__init__()
        self.q, self.k, self.v = (Linear(width, width, False) for _ in range(3))
        self.output, self.heads, self.side, self.kernel = Linear(width, width), heads, side, kernel
        depth = width // heads
        self.rows = nn.Parameter(torch.randn(kernel, 1, heads, depth // 2))
        self.columns = nn.Parameter(torch.randn(1, kernel, heads, depth // 2))
        inside = F.unfold(torch.ones(1, 1, side, side), kernel, padding=kernel // 2)
        self.register_buffer("hidden", (1 - inside.view(1, 1, kernel**2, side**2)) * -1e9)

    def forward(self, x):
        b, n, c = x.shape
        k2, d = self.kernel**2, c // self.heads
        around = lambda y: F.unfold(
            y.transpose(1, 2).view(b, c, self.side, self.side), self.kernel, padding=self.kernel // 2
        ).view(b, self.heads, d, k2, n)
        shape = (self.kernel, self.kernel, self.heads, d // 2)
        offsets = torch.cat([self.rows.expand(shape), self.columns.expand(shape)], 3).view(k2, self.heads, d)
        q = self.q(x).transpose(1, 2).view(b, self.heads, d, 1, n)
        logits = (q * (around(self.k(x)) + offsets.permute(1, 2, 0)[None, ..., None])).sum(2) / math.sqrt(d)
        weights = torch.softmax(logits + self.hidden, 2)
        return self.output((weights[:, :, None] * around(self.v(x))).sum(3).reshape(b, c, n).transpose(1, 2))


def mixer(mixing, width, heads, side):
    """mixing: the id of a variant, or a record of it with its settings."""
    name = mixing if isinstance(mixing, str) else mixing["id"]
    if name == "grid":
        return Grid(width, heads, side, mixing["window"])
    if name == "local":
        return Local(width, heads, side, mixing["kernel"])
    if name == "dot-product":
        return Attention(width, heads)
    raise ValueError(f"skinny.py: mixing must be dot-product, grid or local, got {name}")


class StyleNorm(nn.Module):
    def __init__(self, width, style):
        super().__init__()
        self.gamma, self.beta, self.width = Linear(style, width), Linear(style, width), width

    def forward(self, x, w):
        return F.layer_norm(x, (self.width,), eps=1e-5) * (self.gamma(w)[:, None] + 1) + self.beta(w)[:, None]


class PlainNorm(nn.LayerNorm):
    def __init__(self, width, _):
        super().__init__(width, eps=1e-5)

    def forward(self, x, w):
        return super().forward(x)


class Block(nn.Module):
    def __init__(self, width, ratio, mix, style=None):
        super().__init__()
        norm = PlainNorm if style is None else StyleNorm
        self.norm1, self.norm2, self.mix, self.mlp = norm(width, style), norm(width, style), mix, Mlp(width, ratio)

    def forward(self, x, w=None, memory=None):
        normed = self.norm1(x, w)
        x = x + (self.mix(normed) if memory is None else self.mix(normed, memory))
        return x + self.mlp(self.norm2(x, w))


class Sines(nn.Module):
    def __init__(self, side, width):
        super().__init__()
        self.map = nn.Linear(2, width)
        nn.init.uniform_(self.map.weight, -math.sqrt(4.5), math.sqrt(4.5))
        at = torch.linspace(-1, 1, side)
        self.register_buffer("places", torch.stack(torch.meshgrid(at, at, indexing="xy"), -1).reshape(-1, 2))

    def forward(self):
        return torch.sin(self.map(self.places))


class Generator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["generator"]
        style, ratio, side = c["styleWidth"], c["mlpRatio"], model["imageSize"]
        stack, coarse, fine = c["stack"], c["coarse"], c["fine"]
        layers = (Linear(style, style, True, c["mapping"]["multiplier"]) for _ in range(c["mapping"]["layers"]))
        self.mapping = nn.ModuleList(layers)

        def blocks(b, own):
            mixers = (mixer(b["mixing"], b["width"], b["heads"], own) for _ in range(b["count"]))
            return nn.ModuleList(Block(b["width"], ratio, mix, style) for mix in mixers)

        self.latents, self.stack = Sines(math.isqrt(c["tokens"]), stack["width"]), blocks(stack, math.isqrt(c["tokens"]))
        self.queries = Sines(coarse["side"], coarse["width"])
        cross = Attention(coarse["width"], coarse["heads"], stack["width"])
        self.reader, self.coarse = Block(coarse["width"], ratio, cross, style), blocks(coarse, coarse["side"])
        self.factor, self.side = side // coarse["side"], coarse["side"]
        self.spread, self.places = Linear(coarse["width"], self.factor**2 * fine["width"]), Sines(side, fine["width"])
        self.fine, self.norm = blocks(fine, side), StyleNorm(fine["width"], style)
        self.colours, self.shape = Linear(fine["width"], model["channels"]), (side, side, model["channels"])

    def forward(self, z):
        w, b = z * (z.square().mean(1, True) + 1e-8).rsqrt(), z.shape[0]
        for layer in self.mapping:
            w = F.leaky_relu(layer(w), 0.2) * math.sqrt(2)
        latents = self.latents().expand(b, -1, -1)
        for block in self.stack:
            latents = block(latents, w)
        x = self.reader(self.queries().expand(b, -1, -1), w, latents)
        for block in self.coarse:
            x = block(x, w)
        wide = self.spread(x).transpose(1, 2).reshape(b, -1, self.side, self.side)
        x = F.pixel_shuffle(wide, self.factor).flatten(2).transpose(1, 2) + self.places()
        for block in self.fine:
            x = block(x, w)
        return self.colours(self.norm(x, w)).view(b, *self.shape).permute(0, 3, 1, 2)


class Discriminator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["discriminator"]
        self.patch, width, ratio, side = c["patchSize"], c["width"], c["mlpRatio"], model["imageSize"] // c["patchSize"]
        self.embed, self.places = Linear(self.patch**2 * model["channels"], width), Sines(side, width)
        self.down, self.norms, self.merge = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for _ in range(c["merges"]):
            mixers = (mixer(c["mixing"], width, width // c["headWidth"], side) for _ in range(c["blocks"]))
            self.down.append(nn.ModuleList(Block(width, ratio, mix) for mix in mixers))
            self.norms.append(nn.LayerNorm(4 * width, eps=1e-6))
            self.merge.append(Linear(4 * width, 2 * width, False))
            width, side = 2 * width, side // 2
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        heads = width // c["headWidth"]
        self.bottom = nn.ModuleList(Block(width, ratio, Attention(width, heads)) for _ in range(c["blocks"]))
        self.norm, self.head = nn.LayerNorm(width, eps=1e-6), Linear(width, 1)

    def forward(self, images):
        b = images.shape[0]
        x = self.embed(F.unfold(images, self.patch, stride=self.patch).transpose(1, 2)) + self.places()
        for blocks, norm, merge in zip(self.down, self.norms, self.merge):
            for block in blocks:
                x = block(x)
            side, width = math.isqrt(x.shape[1]), x.shape[2]
            squares = x.view(b, side // 2, 2, side // 2, 2, width).transpose(2, 3)
            x = merge(norm(squares.reshape(b, side * side // 4, 4 * width)))
        x = torch.cat([self.token.expand(b, -1, -1), x], 1)
        for block in self.bottom:
            x = block(x)
        return self.head(self.norm(x[:, 0]))[:, 0]
