"""GANsformer in JAX, the networks of bench/pytorch/gansformer.py: Hudson and Zitnick 2021 (arXiv 2103.01209) and StyleGAN2's, Karras et al.
2020 (arXiv 1912.04958). Styles scale a convolution's inputs and its outputs around shared weights."""

import math

import jax
import jax.numpy as jnp
from jax import lax
from layers import Draws, equalized_parameters, leaky_relu, unit_rms
from resampling import blur, doubling_conv, spread

SPECTRAL_NORM = None


def conv_parameters(draws, inputs, outputs, size=3, bias=True):
    p = {"weight": draws.normal(size, size, inputs, outputs)}
    return {**p, "bias": jnp.zeros(outputs)} if bias else p


def conv(run, x, p, down=False):
    height, _, inputs, _ = p["weight"].shape
    weight = p["weight"] / math.sqrt(inputs * height**2)
    if down:
        y = run.convolve(blur(x, (2, 2) if height == 3 else (1, 1)), weight, 2, "VALID")
    else:
        y = run.convolve(x, weight)
    return y + p["bias"] if "bias" in p else y


def attention_parameters(draws, channels, d, components):
    return {
        **{name: equalized_parameters(draws, channels, channels) for name in ("query", "control")},
        **{name: equalized_parameters(draws, d, channels) for name in ("place", "value")},
        "centroids": draws.normal(components, 2 * channels),
        "importance": jnp.ones(2 * channels),
    }


def places(side, d):
    """Sines and cosines of the pixels' coordinates: [side^2, d]."""
    angles = jnp.linspace(-1, 1, side)[:, None] / 10000 ** (4 * jnp.arange(d // 4) / d)
    lines = jnp.concatenate([jnp.sin(angles), jnp.cos(angles)], -1)
    shape = (side, side, lines.shape[1])
    return jnp.concatenate([jnp.broadcast_to(lines[None], shape), jnp.broadcast_to(lines[:, None], shape)], -1).reshape(-1, d)


def dropped(run, weights, rate, components):
    """Dropout of single weights and of a query's every component."""
    return run.dropout(weights, rate) * run.dropout(jnp.ones((weights.shape[0], 1, components)), rate)


def attention(run, x, p, latents, rate):
    """Duplex attention of a map to k latents: centroids of its own, the latents' values."""
    b, h, w, c = x.shape
    tokens = x.reshape(b, h * w, c)
    content, place = run.equalized(tokens, p["query"]), run.equalized(places(h, latents.shape[2]), p["place"])
    m = p["centroids"] * p["importance"] / math.sqrt(c)
    weights = jax.nn.softmax(run.product(content, m[:, :c].T) + run.product(place, m[:, c:].T), -1)
    weights = dropped(run, weights, rate, m.shape[0])
    control = run.equalized(run.einsum("bnk,bkc->bnc", weights, run.equalized(latents, p["value"])), p["control"])
    return (unit_rms(tokens) * (control + 1)).reshape(b, h, w, c)


def layer_parameters(draws, inputs, outputs, c, side, bare=False):
    a = c["attention"]
    p = {"style": equalized_parameters(draws, c["latentWidth"], inputs, bias_init=1.0)}
    p["weight"] = draws.normal(3, 3, inputs, outputs)
    if bare:
        return p
    if a["from"] <= side <= a["to"]:
        p["attention"] = attention_parameters(draws, outputs, c["latentWidth"], a["components"])
    return {**p, "strength": jnp.zeros(()), "bias": jnp.zeros(outputs)}


def synthesis_layer(run, x, p, w, rate, up=False):
    style = run.equalized(w[:, -1], p["style"])
    weight = p["weight"] / math.sqrt(9 * x.shape[-1])
    x = x * style[:, None, None]
    x = blur(doubling_conv(run, x, weight), (1, 1), 4) if up else run.convolve(x, weight)
    x = x * lax.rsqrt(run.product(jnp.square(style), jnp.square(weight).sum((0, 1))) + 1e-8)[:, None, None]
    if "attention" in p:
        x = attention(run, x, p["attention"], w[:, :-1], rate)
    if "bias" not in p:
        return x
    return leaky_relu(x + run.draws.normal(*x.shape[:3], 1) * p["strength"] + p["bias"])


def mapping_parameters(draws, d, c, attends):
    m, count = c["mapping"]["multiplier"], (c["mapping"]["layers"] + 1) // 2
    layers = lambda number: [equalized_parameters(draws, d, d, multiplier=m) for _ in range(number)]
    names = ("q", "k", "v", "qp", "kp", "control")
    attention = [{name: equalized_parameters(draws, d, d) for name in names} for _ in range(count * attends)]
    return {"first": layers(count), "second": layers(count), "attention": attention, "output": layers(1)[0]}


def mapping(run, x, p, c, positions=None):
    m, rate = c["mapping"]["multiplier"], c["attention"]["dropout"] / 2
    for index, (first, second) in enumerate(zip(p["first"], p["second"])):
        seen = latent_attention(run, x, p["attention"][index], positions, rate) if p["attention"] else x
        x = jax.nn.leaky_relu(run.equalized(leaky_relu(run.equalized(seen, first, m)), second, m) + x, 0.2)
    return leaky_relu(run.equalized(x, p["output"], m))


def latent_attention(run, x, p, positions, rate):
    q = run.equalized(x, p["q"]) + run.equalized(positions, p["qp"])
    k = run.equalized(x, p["k"]) + run.equalized(positions, p["kp"])
    weights = jax.nn.softmax(run.einsum("bnd,bmd->bnm", q, k) / math.sqrt(x.shape[2]), -1)
    weights = dropped(run, weights, rate, x.shape[1])
    return x + run.equalized(run.einsum("bnm,bmd->bnd", weights, run.equalized(x, p["v"])), p["control"])


def width_at(c, side):
    return min(c["channelBase"] // side, c["channelMax"])


def sides_of(model):
    """4, 8 ... the image's."""
    return [4 * 2**i for i in range(int(math.log2(model["imageSize"] // 4)) + 1)]


def generator_parameters(draws, model):
    c, sides = model["generator"], sides_of(model)
    d, width, last = c["latentWidth"], lambda side: width_at(c, side), width_at(c, sides[-1])
    return {
        "positions": draws.uniform(c["attention"]["components"], d),
        "local": mapping_parameters(draws, d, c, True),
        "whole": mapping_parameters(draws, d, c, False),
        "start": draws.normal(1, 4, 4, width(4)),
        "first": layer_parameters(draws, width(4), width(4), c, 4),
        "up": [layer_parameters(draws, width(s // 2), width(s), c, s) for s in sides[1:]],
        "main": [layer_parameters(draws, width(s), width(s), c, s) for s in sides[1:]],
        "skip": [conv_parameters(draws, width(s // 2), width(s), 1, False) for s in sides[1:]],
        "last": layer_parameters(draws, last, last, c, sides[-1], bare=True),
        "style": equalized_parameters(draws, d, last, bias_init=1.0),
        "colours": draws.normal(1, 1, last, model["channels"]),
        "bias": jnp.zeros(model["channels"]),
    }


def latents_of(run, z, params, c):
    z = z.reshape(z.shape[0], -1, c["latentWidth"])
    local = mapping(run, unit_rms(z[:, :-1], (1, 2)), params["local"], c, params["positions"])
    return jnp.concatenate([local, mapping(run, unit_rms(z[:, -1:]), params["whole"], c)], 1)


def generator(params, z, run, model):
    c, b, count = model["generator"], z.shape[0], 2 * len(sides_of(model)) + 1
    rate, draws = c["attention"]["dropout"] / 2, run.draws
    w = latents_of(run, z, params, c)
    other = latents_of(run, draws.normal(*z.shape), params, c)
    mixes = draws.uniform(b, 1) < c["styleMixing"]
    cuts = jnp.where(mixes, draws.integers(1, count, b, 1), count)
    mixed = (jnp.arange(count) >= cuts)[:, :, None, None]
    ws = iter(jnp.where(mixed, other[:, None], w[:, None])[:, layer] for layer in range(count))
    x = synthesis_layer(run, jnp.broadcast_to(params["start"], (b, *params["start"].shape[1:])), params["first"], next(ws), rate)
    for up, main, skip in zip(params["up"], params["main"], params["skip"]):
        beside = blur(spread(conv(run, x, skip)), (2, 1), 4)
        x = synthesis_layer(run, synthesis_layer(run, x, up, next(ws), rate, up=True), main, next(ws), rate)
        x = (beside + x) * math.sqrt(0.5)
    x = synthesis_layer(run, x, params["last"], next(ws), rate)
    style = run.equalized(next(ws)[:, -1], params["style"]) / math.sqrt(x.shape[-1])
    return run.convolve(x * style[:, None, None], params["colours"]) + params["bias"]


def discriminator_parameters(draws, model):
    c, sides = model["discriminator"], sides_of(model)[::-1]
    width, last = lambda side: width_at(c, side), width_at(c, 4)
    blocks = [
        {
            "first": conv_parameters(draws, width(s), width(s)),
            "second": conv_parameters(draws, width(s), width(s // 2)),
            "skip": conv_parameters(draws, width(s), width(s // 2), 1, False),
        }
        for s in sides[:-1]
    ]
    return {
        "entry": conv_parameters(draws, model["channels"], width(sides[0]), 1),
        "blocks": blocks,
        "exit": conv_parameters(draws, last + 1, last),
        "hidden": equalized_parameters(draws, 16 * last, last),
        "head": equalized_parameters(draws, last, 1),
    }


def discriminator(params, images, run, model):
    x = leaky_relu(conv(run, images, params["entry"]))
    for p in params["blocks"]:
        y = leaky_relu(conv(run, leaky_relu(conv(run, x, p["first"])), p["second"], down=True))
        x = (y + conv(run, x, p["skip"], down=True)) * math.sqrt(0.5)
    b, h, w, _ = x.shape
    size = min(model["discriminator"]["minibatchStdDev"]["groupSize"], b)
    groups = x.reshape(size, -1, *x.shape[1:])
    deviation = jnp.sqrt(jnp.square(groups - groups.mean(0)).mean(0) + 1e-8).mean((1, 2, 3))
    deviation = jnp.broadcast_to(jnp.tile(deviation, size)[:, None, None, None], (b, h, w, 1))
    x = leaky_relu(conv(run, jnp.concatenate([x, deviation], 3), params["exit"]))
    return run.equalized(leaky_relu(run.equalized(x.reshape(b, -1), params["hidden"])), params["head"])[:, 0]


def init(key, model):
    draws = Draws(key)
    return {
        "generator": generator_parameters(draws, model),
        "discriminator": discriminator_parameters(draws, model),
        "vectors": {"generator": [], "discriminator": []},
        "statistics": [],
    }
