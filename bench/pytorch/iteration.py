"""One adversarial training iteration in PyTorch, for any pair of networks: eager or with torch.compile, in float32, with products in
bfloat16, or in bfloat16 or float16 autocast."""

import contextlib

import torch
import torch.nn.functional as F

LOSSES = {
    "non-saturating": (lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean(), lambda f: F.softplus(-f).mean()),
    "hinge": (lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(), lambda f: -f.mean()),
    "wasserstein": (lambda r, f: f.mean() - r.mean(), lambda f: -f.mean()),
}


def diff_augment(x):
    b, _, h, w = x.shape
    x = x + (torch.rand(b, 1, 1, 1) - 0.5)
    mean = x.mean(1, keepdim=True)
    x = (x - mean) * (torch.rand(b, 1, 1, 1) * 2) + mean
    mean = x.mean([1, 2, 3], keepdim=True)
    x = (x - mean) * (torch.rand(b, 1, 1, 1) + 0.5) + mean
    sh, sw = int(h * 0.125 + 0.5), int(w * 0.125 + 0.5)
    th, tw = torch.randint(-sh, sh + 1, (b, 1, 1)), torch.randint(-sw, sw + 1, (b, 1, 1))
    batch, rows, columns = torch.meshgrid(torch.arange(b), torch.arange(h), torch.arange(w), indexing="ij")
    rows, columns = (rows + th + 1).clamp(0, h + 1), (columns + tw + 1).clamp(0, w + 1)
    x = F.pad(x, [1, 1, 1, 1]).permute(0, 2, 3, 1)[batch, rows, columns].permute(0, 3, 1, 2)
    ch, cw = int(h * 0.5 + 0.5), int(w * 0.5 + 0.5)
    oh, ow = torch.randint(0, h + 1 - ch % 2, (b, 1, 1)), torch.randint(0, w + 1 - cw % 2, (b, 1, 1))
    batch, rows, columns = torch.meshgrid(torch.arange(b), torch.arange(ch), torch.arange(cw), indexing="ij")
    mask = torch.ones(b, h, w)
    mask[batch, (rows + oh - ch // 2).clamp(0, h - 1), (columns + ow - cw // 2).clamp(0, w - 1)] = 0
    return x * mask.unsqueeze(1)


def penalty(kind, discriminate, real, fake, logits):
    """One term of the discriminator's objective, from a record of a training config. R1 uses the logits of the loss."""
    if kind["kind"] == "r1":
        (gradient,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
        return gradient.square().sum([1, 2, 3]).mean() * (kind["gamma"] / 2)
    u = torch.rand(real.shape[0], 1, 1, 1)
    between = (fake + u * (real - fake)).detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminate(between).sum(), between, create_graph=True)
    norms = (gradient.square().sum([1, 2, 3]) + 1e-12).sqrt()
    return (norms - kind["target"]).square().mean() * kind["weight"]


def precision_of(config):
    """Sets the precision of products, and gives the context that networks run in: autocast, as PyTorch's guide has it, for forward passes."""
    precision = config["precision"]
    if precision == "bfloat16-products":
        torch.set_float32_matmul_precision("medium")
        torch.backends.mkldnn.conv.fp32_precision = "bf16"
    if precision in ("float32", "bfloat16-products"):
        return contextlib.nullcontext
    return lambda: torch.autocast(config["device"], getattr(torch, precision))


class Iteration:
    """D on real and generated images with its penalties, Adam; G against the new D, Adam; the moving average of G."""

    def __init__(self, generator, discriminator, config):
        self.generator, self.discriminator, self.config = generator, discriminator, config
        self.precision = precision_of(config)
        # torch.compile cannot differentiate twice: what a penalty goes through stays eager.
        compiled = torch.compile if config["compile"] else lambda network: network
        self.generate, self.judge = self.inside(compiled(generator)), self.inside(compiled(discriminator))
        self.penalized = self.inside(discriminator)
        self.average = [p.detach().clone() for p in generator.parameters()]
        rates, betas = config["learningRate"], tuple(float(b) for b in config["betas"])
        self.d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=rates["discriminator"], betas=betas)
        self.g_optimizer = torch.optim.Adam(generator.parameters(), lr=rates["generator"], betas=betas)
        self.augment = diff_augment if config["augment"] else lambda images: images

    def inside(self, network):
        def run(x):
            with self.precision():
                return network(x).float()

        return run

    def step(self, real):
        config, generator, discriminator = self.config, self.generator, self.discriminator
        judge_loss, fool_loss = LOSSES[config["loss"]]
        batch, latent = real.shape[0], config["latentSize"]
        seen = lambda images: self.judge(self.augment(images))
        penalized = lambda images: self.penalized(self.augment(images))

        # Discriminator.
        if config["mirror"]:
            mirrored = (torch.rand(batch, 1, 1, 1) < 0.5).float()
            real = real * (1 - mirrored) + real.flip(3) * mirrored
        with torch.no_grad():
            fake = self.generate(torch.randn(batch, latent))
        discriminator.requires_grad_(True)
        if hasattr(discriminator, "advance"):
            discriminator.advance()
            discriminator.prepare()
        real.requires_grad_(bool(config["penalties"]))
        r1 = any(kind["kind"] == "r1" for kind in config["penalties"])
        if config["comparesImages"] or r1:
            real_logits, fake_logits = (penalized if r1 else seen)(real), seen(fake)
        else:
            real_logits, fake_logits = seen(torch.cat([real, fake])).chunk(2)
        d_loss = judge_loss(real_logits, fake_logits)
        for kind in config["penalties"]:
            d_loss = d_loss + penalty(kind, penalized, real, fake, real_logits)
        self.d_optimizer.zero_grad(set_to_none=True)
        d_loss.backward()
        if config["clipNorm"] is not None:
            torch.nn.utils.clip_grad_norm_(discriminator.parameters(), config["clipNorm"])
        self.d_optimizer.step()

        # Generator, against the discriminator as it now is.
        discriminator.requires_grad_(False)
        if hasattr(discriminator, "prepare"):
            discriminator.prepare()
        g_loss = fool_loss(seen(self.generate(torch.randn(batch, latent))))
        self.g_optimizer.zero_grad(set_to_none=True)
        g_loss.backward()
        if config["clipNorm"] is not None:
            torch.nn.utils.clip_grad_norm_(generator.parameters(), config["clipNorm"])
        self.g_optimizer.step()

        # Moving average.
        with torch.no_grad():
            torch._foreach_lerp_(self.average, list(generator.parameters()), 0.001)
        return float(d_loss.detach()), float(g_loss.detach())
