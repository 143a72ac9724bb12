"""ViTGAN (paper form) in PyTorch, from its paper (Lee et al. 2022, arXiv 2107.04589): equalised linears, tied L2 attention and improved
spectral normalisation in D, self-modulated LayerNorm and the implicit patch decoder in G. The modulated layers scale inputs and outputs
around one shared product, which is faster in PyTorch, too, than one weight per sample; D's last block is computed on the class token alone.
The configuration is the model record of a preset of @ganymede/models-vitgan."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class EqualizedLinear(nn.Module):
    def __init__(self, inputs, outputs, bias=True, multiplier=1.0, bias_init=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / multiplier)
        self.bias = nn.Parameter(torch.full((outputs,), bias_init / multiplier)) if bias else None
        self.scale = multiplier / math.sqrt(inputs)
        self.multiplier = multiplier

    def forward(self, x):
        bias = self.bias if self.bias is None or self.multiplier == 1.0 else self.bias * self.multiplier
        return F.linear(x, self.weight * self.scale, bias)


class SpectralLinear(EqualizedLinear):
    """Improved spectral normalisation: the norm of the stored weight stays what it was at the start."""

    def __init__(self, inputs, outputs, bias=True):
        super().__init__(inputs, outputs, bias)
        with torch.no_grad():
            u, s, vh = torch.linalg.svd(self.weight, full_matrices=False)
            self.register_buffer("u", u[:, 0].clone())
            self.register_buffer("v", vh[0].clone())
            self.register_buffer("sigma_init", s[0].clone())

    @torch.no_grad()
    def advance(self):
        self.v = F.normalize(self.weight.T @ self.u, dim=0, eps=1e-12)
        self.u = F.normalize(self.weight @ self.v, dim=0, eps=1e-12)

    def prepare(self):
        """The effective weight, once for all forward passes of a phase."""
        sigma = self.u @ (self.weight @ self.v)
        self.effective = self.weight * (self.sigma_init / sigma) * self.scale

    def forward(self, x):
        return F.linear(x, self.effective, self.bias)


def grid(side):
    axis = torch.linspace(-1, 1, side)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([columns, rows], -1).reshape(-1, 2)


class Fourier(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(2, width)
        nn.init.uniform_(self.linear.weight, -math.sqrt(4.5), math.sqrt(4.5))

    def forward(self, positions):
        return torch.sin(self.linear(positions))


def split_heads(x, heads):
    b, n, c = x.shape
    return x.view(b, n, heads, c // heads).transpose(1, 2)


def merge_heads(x):
    b, h, n, d = x.shape
    return x.transpose(1, 2).reshape(b, n, h * d)


class DotAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.keys, self.value = (EqualizedLinear(width, width, bias=False) for _ in range(3))
        self.output = EqualizedLinear(width, width)

    def forward(self, x):
        q, k, v = (split_heads(f(x), self.heads) for f in (self.query, self.keys, self.value))
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1)
        return self.output(merge_heads(weights @ v))


class L2Attention(nn.Module):
    """Tied queries and keys; the row's own length cancels in the softmax."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.value = SpectralLinear(width, width, bias=False), SpectralLinear(width, width, bias=False)
        self.output = SpectralLinear(width, width)

    def forward(self, x):
        q, v = split_heads(self.query(x), self.heads), split_heads(self.value(x), self.heads)
        scale = 1 / math.sqrt(q.shape[-1])
        logits = (q * (2 * scale)) @ q.transpose(-1, -2) - q.square().sum(-1).unsqueeze(-2) * scale
        return self.output(merge_heads(torch.softmax(logits, -1) @ v))


class SelfModulatedNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma, self.beta = EqualizedLinear(width, width, bias_init=1.0), EqualizedLinear(width, width)
        self.width = width

    def forward(self, x, w):
        normal = F.layer_norm(x, (self.width,), eps=1e-6)
        return normal * self.gamma(w).unsqueeze(1) + self.beta(w).unsqueeze(1)


class GeneratorBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, hidden = c["width"], c["mlpWidth"]
        self.norm1, self.attention, self.norm2 = SelfModulatedNorm(width), DotAttention(width, c["heads"]), SelfModulatedNorm(width)
        self.expand, self.contract = EqualizedLinear(width, hidden), EqualizedLinear(hidden, width)

    def forward(self, x, w):
        x = x + self.attention(self.norm1(x, w))
        return x + self.contract(F.gelu(self.expand(self.norm2(x, w))))


class ModulatedLinear(nn.Module):
    def __init__(self, inputs, outputs, style_width, demodulate=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs))
        self.style = EqualizedLinear(style_width, inputs, bias_init=1.0)
        self.scale, self.demodulate = 1 / math.sqrt(inputs), demodulate

    def forward(self, x, tokens):
        weight = self.weight * self.scale
        style = self.style(tokens)
        y = (x * style.unsqueeze(1)) @ weight
        if not self.demodulate:
            return y
        return y * torch.rsqrt(style.square() @ weight.square() + 1e-8).unsqueeze(1)


class PatchDecoder(nn.Module):
    def __init__(self, width, hidden, channels, patch):
        super().__init__()
        self.register_buffer("positions", grid(patch))
        self.fourier = Fourier(width)
        sizes = [width, *hidden]
        self.layers = nn.ModuleList(ModulatedLinear(a, b, width) for a, b in zip(sizes, sizes[1:]))
        self.biases = nn.ParameterList(torch.zeros(b) for b in hidden)
        self.color = ModulatedLinear(sizes[-1], channels, width, demodulate=False)
        self.color_bias = nn.Parameter(torch.zeros(channels))

    def forward(self, tokens):
        x = self.fourier(self.positions).unsqueeze(0)
        for layer, bias in zip(self.layers, self.biases):
            x = F.leaky_relu(layer(x, tokens) + bias, 0.2) * math.sqrt(2)
        return self.color(x, tokens) + self.color_bias


class Generator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["generator"]
        self.side, self.patch, self.channels = model["imageSize"] // c["patchSize"], c["patchSize"], model["channels"]
        width = c["width"]
        self.mapping = nn.ModuleList(
            EqualizedLinear(c["latentSize"] if i == 0 else width, width, multiplier=c["mappingMultiplier"])
            for i in range(c["mappingLayers"])
        )
        self.register_buffer("positions", grid(self.side))
        self.fourier = Fourier(width)
        self.blocks = nn.ModuleList(GeneratorBlock(c) for _ in range(c["depth"]))
        self.norm = SelfModulatedNorm(width)
        self.decoder = PatchDecoder(width, c["output"]["hidden"], self.channels, self.patch)

    def forward(self, z):
        w = z * torch.rsqrt(z.square().mean(-1, keepdim=True) + 1e-8)
        for layer in self.mapping:
            w = F.leaky_relu(layer(w), 0.2) * math.sqrt(2)
        x = self.fourier(self.positions).unsqueeze(0).expand(z.shape[0], -1, -1)
        for block in self.blocks:
            x = block(x, w)
        x = self.norm(x, w)
        b, s, p = z.shape[0], self.side, self.patch
        pixels = self.decoder(x.reshape(b * s * s, -1)).view(b, s, s, p, p, self.channels)
        return pixels.permute(0, 5, 1, 3, 2, 4).reshape(b, self.channels, s * p, s * p)


class DiscriminatorBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, hidden = c["width"], c["mlpWidth"]
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = L2Attention(width, c["heads"])
        self.expand, self.contract = SpectralLinear(width, hidden), SpectralLinear(hidden, width)

    def forward(self, x, keep=None):
        attended = self.attention(self.norm1(x))
        x = x[:, :keep] + attended[:, :keep]
        return x + self.contract(F.gelu(self.expand(self.norm2(x))))


class Discriminator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["discriminator"]
        self.patch, width = c["patchSize"], c["width"]
        self.embedding = SpectralLinear(4 * self.patch**2 * model["channels"], width)
        self.register_buffer("positions", grid(model["imageSize"] // self.patch))
        self.fourier = Fourier(width)
        self.class_token = nn.Parameter(torch.randn(width) * 0.02)
        self.blocks = nn.ModuleList(DiscriminatorBlock(c) for _ in range(c["depth"]))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = EqualizedLinear(width, 1)

    def prepare(self):
        for module in self.modules():
            if isinstance(module, SpectralLinear):
                module.prepare()

    def advance(self):
        for module in self.modules():
            if isinstance(module, SpectralLinear):
                module.advance()

    def forward(self, images):
        patches = F.unfold(images, 2 * self.patch, padding=self.patch // 2, stride=self.patch).transpose(1, 2)
        x = self.embedding(patches) + self.fourier(self.positions)
        x = torch.cat([self.class_token.expand(x.shape[0], 1, -1), x], 1)
        for i, block in enumerate(self.blocks):
            x = block(x, keep=1 if i == len(self.blocks) - 1 else None)
        return self.head(self.norm(x)).reshape(-1)
