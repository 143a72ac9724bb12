"""Single operators in PyTorch eager, as a worker process for the benchmark beside it.

The first argument is a JSON object with "case" and its sizes. worker.py has the protocol.
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from worker import serve


def attention(c):
    """Scaled dot-product attention forward and backward, by matrix products, as a model in research code writes it."""
    shape = (c["batch"], c["heads"], c["tokens"], c["width"])
    q, k, v = (torch.randn(shape, requires_grad=True) for _ in range(3))

    def run():
        y = torch.softmax(q @ k.transpose(-1, -2) / c["width"] ** 0.5, -1) @ v
        return torch.autograd.grad(y.square().sum(), (q, k, v))

    return run


def fused_attention(c):
    """The same through PyTorch's own fused kernel."""
    shape = (c["batch"], c["heads"], c["tokens"], c["width"])
    q, k, v = (torch.randn(shape, requires_grad=True) for _ in range(3))
    return lambda: torch.autograd.grad(F.scaled_dot_product_attention(q, k, v).square().sum(), (q, k, v))


def convolution(c):
    """Two 3x3 convolutions with leaky ReLU, forward and backward."""
    x = torch.randn(c["batch"], c["channels"], c["side"], c["side"], requires_grad=True)
    w = [torch.randn(c["channels"], c["channels"], 3, 3, requires_grad=True) for _ in range(2)]

    def run():
        y = F.leaky_relu(F.conv2d(F.leaky_relu(F.conv2d(x, w[0], padding=1), 0.2), w[1], padding=1), 0.2)
        return torch.autograd.grad(y.square().sum(), (x, *w))

    return run


def inception(c):
    """Features of the FID Inception network, with batch norm folded into the convolutions or, as in pytorch-fid, after them; the time does
    not depend on the weights, so these are random."""
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "reference"))
    from inception_network import features

    cache = {}

    def weights(name, _graph, inputs, outputs, kernel):
        if name not in cache:
            norm = {"running_mean": torch.zeros(outputs), "running_var": torch.ones(outputs)}
            norm |= {"weight": torch.ones(outputs), "bias": torch.zeros(outputs)}
            bias = torch.zeros(outputs) if c["folded"] else norm
            cache[name] = (torch.randn(outputs, inputs, *kernel) * (inputs * kernel[0] * kernel[1] / 2) ** -0.5, bias)
        return cache[name]

    images = torch.randint(0, 256, (c["batch"], 32, 32, 3), dtype=torch.uint8).numpy()
    return lambda: features(weights, images, [c["dims"]], torch.float32)


def main():
    config = json.loads(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(config["threads"])
    cases = {"attention": attention, "fused-attention": fused_attention, "convolution": convolution, "inception": inception}
    serve(cases[config["case"]](config))


if __name__ == "__main__":
    main()
