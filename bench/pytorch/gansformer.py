"""GANsformer in PyTorch, from its paper (Hudson and Zitnick 2021, arXiv 2103.01209) and StyleGAN2's (Karras et al. 2020, arXiv 1912.04958):
residual networks, a style, duplex attention with learned centroids. The configuration is the model record of a preset of
@ganymede/models-gansformer. Styles scale a convolution's inputs and its outputs, which is faster than weights of each sample."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Linear(nn.Module):
    def __init__(self, inputs, outputs, multiplier=1.0, bias=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / multiplier)
        self.bias = nn.Parameter(torch.full((outputs,), bias / multiplier))
        self.scale, self.multiplier = multiplier / math.sqrt(inputs), multiplier

    def forward(self, x):
        return F.linear(x, self.weight * self.scale, self.bias * self.multiplier if self.multiplier != 1 else self.bias)


def activate(x):
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


def blur(x, padding, gain=1.0):
    """[1, 3, 3, 1] along both axes, channel by channel."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8 * math.sqrt(gain)
    kernel = (taps[:, None] * taps[None, :]).expand(x.shape[1], 1, 4, 4)
    return F.conv2d(F.pad(x, (padding[0], padding[1]) * 2), kernel, groups=x.shape[1])


def spread(x):
    """Zeros between the pixels."""
    b, c, h, w = x.shape
    return F.pad(x.view(b, c, h, 1, w, 1), (0, 1, 0, 0, 0, 1)).reshape(b, c, 2 * h, 2 * w)


class Conv(nn.Module):
    def __init__(self, inputs, outputs, size=3, bias=True, down=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale, self.size, self.down = 1 / math.sqrt(inputs * size**2), size, down

    def forward(self, x):
        if self.down:
            x = blur(x, (2, 2) if self.size == 3 else (1, 1))
            return F.conv2d(x, self.weight * self.scale, self.bias, stride=2)
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=self.size // 2)


class Attention(nn.Module):
    """Duplex attention of a map to k latents: centroids of its own, the latents' values."""

    def __init__(self, channels, d, components, side, dropout):
        super().__init__()
        self.query, self.place = Linear(channels, channels), Linear(d, channels)
        self.value, self.control = Linear(d, channels), Linear(channels, channels)
        self.centroids = nn.Parameter(torch.randn(components, 2 * channels))
        self.importance = nn.Parameter(torch.ones(2 * channels))
        c = torch.linspace(-1, 1, side)[:, None] / 10000 ** (4 * torch.arange(d // 4) / d)
        lines = torch.cat([c.sin(), c.cos()], -1)
        grid = torch.cat([lines[None].expand(side, -1, -1), lines[:, None].expand(-1, side, -1)], -1)
        self.register_buffer("grid", grid.reshape(side * side, d))
        self.dropout = dropout / 2

    def forward(self, x, latents):
        b, c, h, w = x.shape
        tokens = x.flatten(2).transpose(1, 2)
        content, place = self.query(tokens), self.place(self.grid)
        m = self.centroids * self.importance / math.sqrt(c)
        weights = torch.softmax(content @ m[:, :c].T + (place @ m[:, c:].T), -1)
        weights = F.dropout(weights, self.dropout) * F.dropout(torch.ones(b, 1, m.shape[0]), self.dropout)
        control = self.control(weights @ self.value(latents))
        tokens = tokens * (tokens.square().mean(2, True) + 1e-8).rsqrt()
        return (tokens * (control + 1)).transpose(1, 2).reshape(b, c, h, w)


class SynthesisLayer(nn.Module):
    def __init__(self, inputs, outputs, c, side, up=False, bare=False):
        super().__init__()
        a, d = c["attention"], c["latentWidth"]
        self.style = Linear(d, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.scale, self.up, self.bare = 1 / math.sqrt(9 * inputs), up, bare
        attends = not bare and a["from"] <= side <= a["to"]
        self.attention = Attention(outputs, d, a["components"], side, a["dropout"]) if attends else None
        if not bare:
            self.strength, self.bias = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x, w):
        style, weight = self.style(w[:, -1]), self.weight * self.scale
        x = x * style[:, :, None, None]
        if self.up:
            x = blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), (1, 1), 4)
        else:
            x = F.conv2d(x, weight, padding=1)
        x = x * (style.square() @ weight.square().sum([2, 3]).T + 1e-8).rsqrt()[:, :, None, None]
        if self.attention is not None:
            x = self.attention(x, w[:, :-1])
        if self.bare:
            return x
        noise = torch.randn(x.shape[0], 1, *x.shape[2:])
        return activate(x + noise * self.strength + self.bias)


class LatentAttention(nn.Module):
    def __init__(self, d, dropout):
        super().__init__()
        self.q, self.k, self.v = Linear(d, d), Linear(d, d), Linear(d, d)
        self.qp, self.kp, self.control, self.dropout = Linear(d, d), Linear(d, d), Linear(d, d), dropout / 2

    def forward(self, x, positions):
        q, k = self.q(x) + self.qp(positions), self.k(x) + self.kp(positions)
        weights = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(x.shape[2]), -1)
        weights = F.dropout(weights, self.dropout) * F.dropout(torch.ones(x.shape[0], 1, x.shape[1]), self.dropout)
        return x + self.control(weights @ self.v(x))


class Mapping(nn.Module):
    def __init__(self, d, c, attention):
        super().__init__()
        m, count = c["mapping"]["multiplier"], (c["mapping"]["layers"] + 1) // 2
        self.first = nn.ModuleList(Linear(d, d, m) for _ in range(count))
        self.second = nn.ModuleList(Linear(d, d, m) for _ in range(count))
        self.attention = nn.ModuleList(LatentAttention(d, c["attention"]["dropout"]) for _ in range(count * attention))
        self.output = Linear(d, d, m)

    def forward(self, x, positions=None):
        for index, (first, second) in enumerate(zip(self.first, self.second)):
            seen = self.attention[index](x, positions) if len(self.attention) else x
            x = F.leaky_relu(second(activate(first(seen))) + x, 0.2)
        return activate(self.output(x))


class Generator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["generator"]
        width = lambda side: min(c["channelBase"] // side, c["channelMax"])
        self.rows, self.d, self.mixing = c["attention"]["components"] + 1, c["latentWidth"], c["styleMixing"]
        self.positions = nn.Parameter(torch.rand(self.rows - 1, self.d))
        self.local, self.whole = Mapping(self.d, c, True), Mapping(self.d, c, False)
        self.start = nn.Parameter(torch.randn(1, width(4), 4, 4))
        sides = [4 * 2**i for i in range(int(math.log2(model["imageSize"] // 4)) + 1)]
        self.first = SynthesisLayer(width(4), width(4), c, 4)
        self.up = nn.ModuleList(SynthesisLayer(width(s // 2), width(s), c, s, up=True) for s in sides[1:])
        self.main = nn.ModuleList(SynthesisLayer(width(s), width(s), c, s) for s in sides[1:])
        self.skip = nn.ModuleList(Conv(width(s // 2), width(s), 1, bias=False) for s in sides[1:])
        last = width(sides[-1])
        self.last = SynthesisLayer(last, last, c, sides[-1], bare=True)
        self.style, self.colours = Linear(self.d, last, bias=1.0), nn.Parameter(torch.randn(model["channels"], last, 1, 1))
        self.bias = nn.Parameter(torch.zeros(model["channels"]))
        self.layers = 2 * len(sides) + 1

    def map(self, z):
        z = z.view(-1, self.rows, self.d)
        local, whole = z[:, :-1], z[:, -1:]
        local = local * (local.square().mean([1, 2], True) + 1e-8).rsqrt()
        whole = whole * (whole.square().mean(2, True) + 1e-8).rsqrt()
        return torch.cat([self.local(local, self.positions), self.whole(whole)], 1)

    def forward(self, z):
        w, b = self.map(z), z.shape[0]
        other = self.map(torch.randn_like(z))
        cuts = torch.where(torch.rand(b, 1) < self.mixing, torch.randint(1, self.layers, (b, 1)), self.layers)
        mixed = (torch.arange(self.layers) >= cuts).float()[:, :, None, None]
        ws = iter((w[:, None] + mixed * (other - w)[:, None]).unbind(1))
        x = self.first(self.start.expand(b, -1, -1, -1), next(ws))
        for up, main, skip in zip(self.up, self.main, self.skip):
            beside = blur(spread(skip(x)), (2, 1), 4)
            x = (beside + main(up(x, next(ws)), next(ws))) * math.sqrt(0.5)
        x = self.last(x, next(ws))
        style = self.style(next(ws)[:, -1]) / math.sqrt(x.shape[1])
        return F.conv2d(x * style[:, :, None, None], self.colours, self.bias)


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.first, self.second = Conv(inputs, inputs), Conv(inputs, outputs, down=True)
        self.skip = Conv(inputs, outputs, 1, bias=False, down=True)

    def forward(self, x):
        return (activate(self.second(activate(self.first(x)))) + self.skip(x)) * math.sqrt(0.5)


class Discriminator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["discriminator"]
        width = lambda side: min(c["channelBase"] // side, c["channelMax"])
        sides = [model["imageSize"] // 2**i for i in range(int(math.log2(model["imageSize"] // 4)) + 1)]
        self.entry, self.group = Conv(model["channels"], width(sides[0]), 1), c["minibatchStdDev"]["groupSize"]
        self.blocks = nn.Sequential(*(Block(width(s), width(s // 2)) for s in sides[:-1]))
        last = width(4)
        self.exit, self.hidden, self.head = Conv(last + 1, last), Linear(16 * last, last), Linear(last, 1)

    def forward(self, images):
        x = self.blocks(activate(self.entry(images)))
        b, c, h, w = x.shape
        size = min(self.group, b)
        groups = x.reshape(size, -1, c, h, w)
        deviation = ((groups - groups.mean(0)).square().mean(0) + 1e-8).sqrt().mean([1, 2, 3])
        x = torch.cat([x, deviation.repeat(size)[:, None, None, None].expand(b, 1, h, w)], 1)
        return self.head(activate(self.hidden(activate(self.exit(x)).flatten(1))))[:, 0]
