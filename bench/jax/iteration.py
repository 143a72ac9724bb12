"""One adversarial training iteration in plain JAX, as one compiled function, for the networks of any module with init, generator and
discriminator. SPECTRAL_NORM of a module says when the discriminator's power iteration runs: "every phase" (before D's and before G's
passes, as torch's parametrization does it), "every iteration" (before D's alone) or None."""

from functools import partial

import jax
import jax.numpy as jnp
from augment import diff_augment
from layers import Draws, Pass
from spectral import normalized, power_iteration

JUDGE_LOSSES = {
    "non-saturating": lambda r, f: jax.nn.softplus(-r).mean() + jax.nn.softplus(f).mean(),
    "hinge": lambda r, f: jax.nn.relu(1 - r).mean() + jax.nn.relu(1 + f).mean(),
    "wasserstein": lambda r, f: f.mean() - r.mean(),
}
FOOL_LOSSES = {
    "non-saturating": lambda f: jax.nn.softplus(-f).mean(),
    "hinge": lambda f: -f.mean(),
    "wasserstein": lambda f: -f.mean(),
}


class Objectives:
    """The losses of both networks, as functions of their parameters."""

    def __init__(self, family, config):
        self.config, self.model, self.precision = config, config["model"], config["precision"]
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f'precision must be "float32" or "bfloat16", got {self.precision}; choose one of them')
        self.generator, self.discriminator = family.generator, family.discriminator

    def generate(self, params, vectors, z, draws, statistics):
        """Images, and the running statistics after them."""
        run = Pass(self.precision, draws, statistics)
        return self.generator(normalized(params, vectors), z, run, self.model), run.statistics

    def judge(self, weights, images, draws):
        """Logits of images as the discriminator sees them."""
        seen = diff_augment(images, draws) if self.config["augment"] else images
        return self.discriminator(weights, seen, Pass(self.precision, draws), self.model)

    def discriminator_loss(self, params, vectors, real, fake, draws):
        """The loss with its penalties, and the logits of real and generated images. R1 uses the logits of the loss."""
        weights, penalties = normalized(params, vectors), self.config["penalties"]
        judge = lambda images: self.judge(weights, images, draws)
        r1 = [kind for kind in penalties if kind["kind"] == "r1"]
        loss = 0.0
        if r1:
            real_logits, pull = jax.vjp(judge, real)
            (gradient,) = pull(jnp.ones_like(real_logits))
            loss = jnp.square(gradient).sum((1, 2, 3)).mean() * sum(kind["gamma"] / 2 for kind in r1)
            fake_logits = judge(fake)
        elif self.config["comparesImages"]:
            real_logits, fake_logits = judge(real), judge(fake)
        else:
            real_logits, fake_logits = jnp.split(judge(jnp.concatenate([real, fake])), 2)
        loss = loss + JUDGE_LOSSES[self.config["loss"]](real_logits, fake_logits)
        for kind in penalties:
            if kind["kind"] == "gradient-penalty":
                between = fake + draws.uniform(real.shape[0], 1, 1, 1) * (real - fake)
                gradient = jax.grad(lambda images: judge(images).sum())(between)
                norms = jnp.sqrt(jnp.square(gradient).sum((1, 2, 3)) + 1e-12)
                loss = loss + jnp.square(norms - kind["target"]).mean() * kind["weight"]
        return loss, (real_logits, fake_logits)

    def generator_loss(self, params, vectors, judge_params, judge_vectors, z, draws, statistics):
        """The loss, and the running statistics after it."""
        images, statistics = self.generate(params, vectors, z, draws, statistics)
        logits = self.judge(normalized(judge_params, judge_vectors), images, draws)
        return FOOL_LOSSES[self.config["loss"]](logits), statistics


def clipped(gradients, largest):
    """Scaled so that their norm together is at most largest; None leaves them."""
    if largest is None:
        return gradients
    norm = jnp.sqrt(sum(jnp.square(g).sum() for g in jax.tree.leaves(gradients)))
    factor = jnp.minimum(largest / (norm + 1e-6), 1.0)
    return jax.tree.map(lambda g: g * factor, gradients)


def adam(params, gradients, moments, count, rate, betas, epsilon=1e-8):
    """One step of Adam, the count-th, counted from 1."""
    first, second = (float(beta) for beta in betas)
    mean = jax.tree.map(lambda m, g: first * m + (1 - first) * g, moments["mean"], gradients)
    square = jax.tree.map(lambda v, g: second * v + (1 - second) * g * g, moments["square"], gradients)
    size, root = rate / (1 - first**count), jnp.sqrt(1 - second**count)
    params = jax.tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v) / root + epsilon), params, mean, square)
    return params, {"mean": mean, "square": square}


def start(family, config, key):
    """The state that an iteration reads and replaces."""
    key, own = jax.random.split(key)
    networks = family.init(own, config["model"])
    zeros = lambda: {
        name: {"mean": jax.tree.map(jnp.zeros_like, networks[name]), "square": jax.tree.map(jnp.zeros_like, networks[name])}
        for name in ("generator", "discriminator")
    }
    average = jax.tree.map(jnp.copy, networks["generator"])
    return {**networks, "average": average, "moments": zeros(), "count": jnp.zeros((), jnp.float32), "key": key}


def _step(family, config, state, real):
    """D on real and generated images with its penalties, Adam; G against the new D, Adam; the moving average of G."""
    key, own = jax.random.split(state["key"])
    draws, objectives, count = Draws(own), Objectives(family, config), state["count"] + 1
    g, d, vectors, statistics = state["generator"], state["discriminator"], state["vectors"], state["statistics"]
    latents = lambda: draws.normal(real.shape[0], config["latentSize"])
    rates, update = config["learningRate"], partial(adam, count=count, betas=config["betas"])

    if config["mirror"]:
        real = jnp.where(draws.uniform(real.shape[0], 1, 1, 1) < 0.5, real[:, :, ::-1], real)
    g_vectors, d_vectors = power_iteration(g, vectors["generator"]), power_iteration(d, vectors["discriminator"])
    fake, statistics = objectives.generate(g, g_vectors, latents(), draws, statistics)
    gradients, _ = jax.grad(objectives.discriminator_loss, has_aux=True)(d, d_vectors, real, fake, draws)
    gradients = clipped(gradients, config["clipNorm"])
    d, d_moments = update(d, gradients, state["moments"]["discriminator"], rate=rates["discriminator"])

    g_vectors = power_iteration(g, g_vectors)
    if family.SPECTRAL_NORM == "every phase":
        d_vectors = power_iteration(d, d_vectors)
    loss = jax.grad(objectives.generator_loss, has_aux=True)
    gradients, statistics = loss(g, g_vectors, d, d_vectors, latents(), draws, statistics)
    gradients = clipped(gradients, config["clipNorm"])
    g, g_moments = update(g, gradients, state["moments"]["generator"], rate=rates["generator"])
    return {
        "generator": g,
        "discriminator": d,
        "vectors": {"generator": g_vectors, "discriminator": d_vectors},
        "statistics": statistics,
        "average": jax.tree.map(lambda a, p: a + (p - a) * 0.001, state["average"], g),
        "moments": {"generator": g_moments, "discriminator": d_moments},
        "count": count,
        "key": key,
    }


def compile_step(family, config):
    """The iteration as one function (state, real images [B, H, W, C]) to the next state, in the old one's memory."""
    return jax.jit(partial(_step, family, config), donate_argnums=0)
