"""TransGAN in PyTorch, from its paper (Jiang, Chang and Wang 2021, arXiv 2102.07074, the grid version). The configuration is the model
record of a preset of @ganymede/models-transgan whose stages are enlarged by pixel shuffles and whose scales are halved by 2x2 means."""

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads, side, noise):
        super().__init__()
        self.heads, self.side = heads, side
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)
        self.strength = nn.Parameter(torch.zeros(())) if noise else None
        if side is not None:
            self.table = nn.Parameter(torch.randn((2 * side - 1) ** 2, heads) * 0.02)
            at = torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")).flatten(1)
            offset = at[:, :, None] - at[:, None, :] + side - 1
            self.register_buffer("index", offset[0] * (2 * side - 1) + offset[1])

    def forward(self, x):
        b, n, c = x.shape
        if self.strength is not None:
            x = x + torch.randn(b, n, 1) * self.strength
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        if self.side is not None:
            logits = logits + self.table[self.index].permute(2, 0, 1)
        return self.out((torch.softmax(logits, -1) @ v).transpose(1, 2).reshape(b, n, c))


class Block(nn.Module):
    """Attention inside windows of a map, or over all tokens, then an MLP on all."""

    def __init__(self, c, width, side, window, noise):
        super().__init__()
        self.side, self.window = side, window
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, c["heads"], window or side, noise)
        hidden = c["mlpRatio"] * width
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, x):
        y, (b, n, c), w = self.norm1(x), x.shape, self.window
        if w is None:
            y = self.attention(y)
        else:
            count = self.side // w
            cut = y.view(b, count, w, count, w, c).transpose(2, 3).reshape(-1, w * w, c)
            y = self.attention(cut).view(b, count, count, w, w, c).transpose(2, 3).reshape(b, n, c)
        x = x + y
        return x + self.mlp(self.norm2(x))


class Generator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["generator"]
        self.bottom, stages = c["bottom"], c["stages"]
        self.start = nn.Linear(c["latentSize"], self.bottom**2 * stages[0]["width"])
        self.positions, self.blocks, side = nn.ParameterList(), nn.ModuleList(), self.bottom
        for index, stage in enumerate(stages):
            side = side if index == 0 else 2 * side
            self.positions.append(nn.Parameter(torch.randn(side**2, stage["width"]) * 0.02))
            blocks = (Block(c, stage["width"], side, stage["window"], c["noise"]) for _ in range(stage["depth"]))
            self.blocks.append(nn.Sequential(*blocks))
        self.output = nn.Conv2d(stages[-1]["width"], model["channels"], 1)

    def forward(self, z):
        b = z.shape[0]
        x, side = self.start(z).view(b, self.bottom**2, -1), self.bottom
        for index, (position, blocks) in enumerate(zip(self.positions, self.blocks)):
            if index > 0:
                shuffled = F.pixel_shuffle(x.transpose(1, 2).reshape(b, -1, side, side), 2)
                x, side = shuffled.flatten(2).transpose(1, 2), 2 * side
            x = blocks(x + position)
        return self.output(x.transpose(1, 2).reshape(b, -1, side, side))


class Discriminator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["discriminator"]
        self.patches, self.positions, self.blocks, self.sides = nn.ModuleList(), nn.ParameterList(), nn.ModuleList(), []
        width = 0
        for scale in c["scales"]:
            size = scale["patchSize"]
            side, width = model["imageSize"] // size, width + scale["width"]
            self.patches.append(nn.Conv2d(model["channels"], scale["width"], size, stride=size))
            self.positions.append(nn.Parameter(torch.randn(side**2, width) * 0.02))
            groups = [(group["depth"], group["window"]) for group in scale["groups"]]
            blocks = [Block(c, width, side, window, c["noise"]) for depth, window in groups for _ in range(depth)]
            self.blocks.append(nn.Sequential(*blocks))
            self.sides.append(side)
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.last, self.norm, self.head = Block(c, width, None, None, c["noise"]), nn.LayerNorm(width), nn.Linear(width, 1)

    def forward(self, images):
        x = None
        for side, patches, position, blocks in zip(self.sides, self.patches, self.positions, self.blocks):
            own = patches(images).flatten(2).transpose(1, 2)
            if x is not None:
                map_ = F.avg_pool2d(x.transpose(1, 2).reshape(x.shape[0], -1, 2 * side, 2 * side), 2)
                own = torch.cat([map_.flatten(2).transpose(1, 2), own], 2)
            x = blocks(own + position)
        x = self.last(torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1))
        return self.head(self.norm(x[:, 0]))[:, 0]
