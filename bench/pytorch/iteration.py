"""One adversarial training iteration in PyTorch eager, for any pair of networks."""

import torch
import torch.nn.functional as F
from vitgan_step import diff_augment

LOSSES = {
    "non-saturating": (lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean(), lambda f: F.softplus(-f).mean()),
    "hinge": (lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(), lambda f: -f.mean()),
    "wasserstein": (lambda r, f: f.mean() - r.mean(), lambda f: -f.mean()),
}


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


class Iteration:
    """D on real and generated images with its penalties, Adam; G against the new D, Adam; the moving average of G."""

    def __init__(self, generator, discriminator, config):
        self.generator, self.discriminator, self.config = generator, discriminator, config
        self.average = [p.detach().clone() for p in generator.parameters()]
        rates, betas = config["learningRate"], tuple(float(b) for b in config["betas"])
        self.d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=rates["discriminator"], betas=betas)
        self.g_optimizer = torch.optim.Adam(generator.parameters(), lr=rates["generator"], betas=betas)
        self.augment = diff_augment if config["augment"] else lambda images: images

    def step(self, real):
        config, generator, discriminator = self.config, self.generator, self.discriminator
        judge_loss, fool_loss = LOSSES[config["loss"]]
        batch, latent = real.shape[0], config["latentSize"]

        # Discriminator.
        if config["mirror"]:
            mirrored = (torch.rand(batch, 1, 1, 1) < 0.5).float()
            real = real * (1 - mirrored) + real.flip(3) * mirrored
        with torch.no_grad():
            fake = generator(torch.randn(batch, latent))
        discriminator.requires_grad_(True)
        seen = lambda images: discriminator(self.augment(images))
        real.requires_grad_(bool(config["penalties"]))
        apart = config["comparesImages"] or any(kind["kind"] == "r1" for kind in config["penalties"])
        if apart:
            real_logits, fake_logits = seen(real), seen(fake)
        else:
            real_logits, fake_logits = seen(torch.cat([real, fake])).chunk(2)
        loss = judge_loss(real_logits, fake_logits)
        for kind in config["penalties"]:
            loss = loss + penalty(kind, seen, real, fake, real_logits)
        self.d_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if config["clipNorm"] is not None:
            torch.nn.utils.clip_grad_norm_(discriminator.parameters(), config["clipNorm"])
        self.d_optimizer.step()

        # Generator, against the discriminator as it now is.
        discriminator.requires_grad_(False)
        loss = fool_loss(seen(generator(torch.randn(batch, latent))))
        self.g_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if config["clipNorm"] is not None:
            torch.nn.utils.clip_grad_norm_(generator.parameters(), config["clipNorm"])
        self.g_optimizer.step()

        # Moving average.
        with torch.no_grad():
            torch._foreach_lerp_(self.average, list(generator.parameters()), 0.001)
