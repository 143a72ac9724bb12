"""The GAN without a convolution in JAX, the networks of bench/pytorch/skinny.py (logits of images only), with attention among all tokens
or in windows."""

import math

import jax.numpy as jnp
from layers import (
    Draws,
    cut_patches,
    cut_windows,
    equalized_parameters,
    fourier,
    fourier_parameters,
    gelu,
    join_windows,
    layer_norm,
    leaky_relu,
    merge_heads,
    norm_parameters,
    pixel_shuffle,
    relative_bias,
    split_heads,
    unit_rms,
)

SPECTRAL_NORM = None


def window_of(mixing, side):
    """The window's side of attention "grid"; None for "dot-product", which sees all tokens."""
    name = mixing if isinstance(mixing, str) else mixing["id"]
    if name == "dot-product":
        return None
    if name == "grid":
        return min(mixing["window"], side)
    raise ValueError(f"skinny.py: mixing must be dot-product or grid, got {name}")


def block_parameters(draws, width, ratio, heads, window=None, style=None, memory=None):
    mix = {name: equalized_parameters(draws, memory or width, width, bias=False) for name in ("k", "v")}
    mix["q"], mix["output"] = equalized_parameters(draws, width, width, bias=False), equalized_parameters(draws, width, width)
    if window is not None:
        mix["table"] = draws.normal((2 * window - 1) ** 2, heads) * 0.02
    styled = lambda: {name: equalized_parameters(draws, style, width) for name in ("gamma", "beta")}
    return {
        **{name: norm_parameters(width) if style is None else styled() for name in ("norm1", "norm2")},
        "mix": mix,
        "expand": equalized_parameters(draws, width, ratio * width),
        "contract": equalized_parameters(draws, ratio * width, width),
    }


def norm(run, x, p, w):
    if w is None:
        return layer_norm(x, p)
    return layer_norm(x) * (run.equalized(w, p["gamma"])[:, None] + 1) + run.equalized(w, p["beta"])[:, None]


def attention(run, x, p, heads, memory, bias=None):
    q, k, v = (split_heads(run.equalized(y, p[name]), heads) for name, y in (("q", x), ("k", memory), ("v", memory)))
    return run.equalized(merge_heads(run.attend(q, k, v, 1 / math.sqrt(q.shape[-1]), bias)), p["output"])


def block(run, x, p, heads, w=None, window=None, memory=None):
    y, side = norm(run, x, p["norm1"], w), math.isqrt(x.shape[1])
    if window is None:
        x = x + attention(run, y, p["mix"], heads, y if memory is None else memory)
    else:
        cut = cut_windows(y, side, window)
        mixed = attention(run, cut, p["mix"], heads, cut, relative_bias(p["mix"]["table"], window))
        x = x + join_windows(mixed, side, window)
    return x + run.equalized(gelu(run.equalized(norm(run, x, p["norm2"], w), p["expand"])), p["contract"])


def generator_parameters(draws, model):
    c = model["generator"]
    style, ratio, side = c["styleWidth"], c["mlpRatio"], model["imageSize"]
    stack, coarse, fine = c["stack"], c["coarse"], c["fine"]
    multiplier, latent_side = c["mapping"]["multiplier"], math.isqrt(c["tokens"])

    def blocks(b, own):
        window = window_of(b["mixing"], own)
        return [block_parameters(draws, b["width"], ratio, b["heads"], window, style) for _ in range(b["count"])]

    return {
        "mapping": [equalized_parameters(draws, style, style, multiplier=multiplier) for _ in range(c["mapping"]["layers"])],
        "latents": {"map": fourier_parameters(draws, stack["width"])},
        "stack": blocks(stack, latent_side),
        "queries": {"map": fourier_parameters(draws, coarse["width"])},
        "reader": block_parameters(draws, coarse["width"], ratio, coarse["heads"], None, style, stack["width"]),
        "coarse": blocks(coarse, coarse["side"]),
        "spread": equalized_parameters(draws, coarse["width"], (side // coarse["side"]) ** 2 * fine["width"]),
        "places": {"map": fourier_parameters(draws, fine["width"])},
        "fine": blocks(fine, side),
        "norm": {name: equalized_parameters(draws, style, fine["width"]) for name in ("gamma", "beta")},
        "colours": equalized_parameters(draws, fine["width"], model["channels"]),
    }


def generator(params, z, run, model):
    c, b, side = model["generator"], z.shape[0], model["imageSize"]
    stack, coarse, fine = c["stack"], c["coarse"], c["fine"]
    w = unit_rms(z)
    for p in params["mapping"]:
        w = leaky_relu(run.equalized(w, p, c["mapping"]["multiplier"]))

    def through(x, blocks, own):
        for p in blocks:
            x = block(run, x, p, own["heads"], w, window_of(own["mixing"], math.isqrt(x.shape[1])))
        return x

    tokens = lambda own, p: jnp.broadcast_to(fourier(own, p["map"]), (b, own**2, p["map"]["bias"].shape[0]))
    latents = through(tokens(math.isqrt(c["tokens"]), params["latents"]), params["stack"], stack)
    x = tokens(coarse["side"], params["queries"])
    x = through(block(run, x, params["reader"], coarse["heads"], w, memory=latents), params["coarse"], coarse)
    wide = run.equalized(x, params["spread"]).reshape(b, coarse["side"], coarse["side"], -1)
    x = pixel_shuffle(wide, side // coarse["side"]).reshape(b, side**2, -1) + fourier(side, params["places"]["map"])
    x = through(x, params["fine"], fine)
    return run.equalized(norm(run, x, params["norm"], w), params["colours"]).reshape(b, side, side, -1)


def discriminator_parameters(draws, model):
    c = model["discriminator"]
    width, ratio, side = c["width"], c["mlpRatio"], model["imageSize"] // c["patchSize"]
    p = {
        "embed": equalized_parameters(draws, c["patchSize"] ** 2 * model["channels"], width),
        "places": {"map": fourier_parameters(draws, width)},
        "down": [],
        "norms": [],
        "merge": [],
    }
    for _ in range(c["merges"]):
        window, heads = window_of(c["mixing"], side), width // c["headWidth"]
        p["down"].append([block_parameters(draws, width, ratio, heads, window) for _ in range(c["blocks"])])
        p["norms"].append(norm_parameters(4 * width))
        p["merge"].append(equalized_parameters(draws, 4 * width, 2 * width, bias=False))
        width, side = 2 * width, side // 2
    p["token"] = draws.normal(1, 1, width) * 0.02
    p["bottom"] = [block_parameters(draws, width, ratio, width // c["headWidth"]) for _ in range(c["blocks"])]
    return {**p, "norm": norm_parameters(width), "head": equalized_parameters(draws, width, 1)}


def discriminator(params, images, run, model):
    c, b = model["discriminator"], images.shape[0]
    side = model["imageSize"] // c["patchSize"]
    x = run.equalized(cut_patches(images, c["patchSize"]).reshape(b, side**2, -1), params["embed"])
    x = x + fourier(side, params["places"]["map"])
    for blocks, p, merge in zip(params["down"], params["norms"], params["merge"]):
        width, window = x.shape[2], window_of(c["mixing"], side)
        for each in blocks:
            x = block(run, x, each, width // c["headWidth"], window=window)
        squares = cut_patches(x.reshape(b, side, side, width), 2).reshape(b, side**2 // 4, 4 * width)
        x, side = run.equalized(layer_norm(squares, p, 1e-6), merge), side // 2
    x = jnp.concatenate([jnp.broadcast_to(params["token"], (b, 1, x.shape[2])), x], 1)
    for p in params["bottom"]:
        x = block(run, x, p, x.shape[2] // c["headWidth"])
    return run.equalized(layer_norm(x[:, 0], params["norm"], 1e-6), params["head"])[:, 0]


def init(key, model):
    draws = Draws(key)
    return {
        "generator": generator_parameters(draws, model),
        "discriminator": discriminator_parameters(draws, model),
        "vectors": {"generator": [], "discriminator": []},
        "statistics": [],
    }
