"""SAGAN in PyTorch, from its paper (Zhang et al. 2019, arXiv 1805.08318), without classes. The configuration is the model record of a
preset of @ganymede/models-sagan."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


def conv(inputs, outputs, size=3, bias=True):
    return spectral_norm(nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=bias))


class Attention(nn.Module):
    """The pooled form: keys and values at a quarter of the positions."""

    def __init__(self, channels):
        super().__init__()
        self.theta, self.phi = conv(channels, channels // 8, 1, False), conv(channels, channels // 8, 1, False)
        self.g, self.o = conv(channels, channels // 2, 1, False), conv(channels // 2, channels, 1, False)
        self.sigma = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        b, c, h, w = x.shape
        query = self.theta(x).flatten(2)
        keys, values = (F.max_pool2d(layer(x), 2).flatten(2) for layer in (self.phi, self.g))
        weights = torch.softmax(query.transpose(1, 2) @ keys, -1)
        return x + self.sigma * self.o((values @ weights.transpose(1, 2)).view(b, c // 2, h, w))


class UpBlock(nn.Module):
    def __init__(self, inputs, outputs, norm):
        super().__init__()
        options = {"eps": norm["epsilon"], "momentum": 1 - norm["decay"]}
        self.norm1, self.norm2 = nn.BatchNorm2d(inputs, **options), nn.BatchNorm2d(outputs, **options)
        self.conv1, self.conv2, self.skip = conv(inputs, outputs), conv(outputs, outputs), conv(inputs, outputs, 1)

    def forward(self, x):
        y = self.conv1(F.interpolate(F.relu(self.norm1(x)), scale_factor=2))
        return self.conv2(F.relu(self.norm2(y))) + F.interpolate(self.skip(x), scale_factor=2)


class Generator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c = model["generator"]
        widths, norm = c["widths"], c["norm"]
        self.start = spectral_norm(nn.Linear(c["latentSize"], 16 * widths[0]))
        steps = []
        for index, (a, b) in enumerate(zip(widths, widths[1:])):
            steps.append(UpBlock(a, b, norm))
            if 8 * 2**index in c["attentionAt"]:
                steps.append(Attention(b))
        self.steps = nn.Sequential(*steps)
        self.norm = nn.BatchNorm2d(widths[-1], eps=norm["epsilon"], momentum=1 - norm["finalDecay"])
        self.output = conv(widths[-1], model["channels"])

    def forward(self, z):
        x = self.start(z).view(z.shape[0], -1, 4, 4)
        return torch.tanh(self.output(F.relu(self.norm(self.steps(x)))))


class DownBlock(nn.Module):
    def __init__(self, inputs, outputs, halves, entry):
        super().__init__()
        self.conv1, self.conv2 = conv(inputs, outputs), conv(outputs, outputs)
        self.skip = conv(inputs, outputs, 1) if halves or inputs != outputs else None
        self.halves, self.entry = halves, entry

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x if self.entry else F.relu(x))))
        if self.halves:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        return y + (x if self.skip is None else self.skip(x))


class Discriminator(nn.Module):
    def __init__(self, model):
        super().__init__()
        c, inputs, side, steps = model["discriminator"], model["channels"], model["imageSize"], []
        for index, width in enumerate(c["widths"]):
            halves = index < c["halvings"]
            steps.append(DownBlock(inputs, width, halves, index == 0))
            inputs, side = width, side // 2 if halves else side
            if side in c["attentionAt"] and (halves or index == 0):
                steps.append(Attention(width))
        self.steps, self.head = nn.Sequential(*steps), spectral_norm(nn.Linear(inputs, 1))

    def forward(self, images):
        return self.head(F.relu(self.steps(images)).sum([2, 3])).reshape(-1)
