"""TransGAN in JAX, the networks of bench/pytorch/transgan.py: Jiang, Chang and Wang 2021 (arXiv 2102.07074), the grid version."""

import jax.numpy as jnp
from layers import (
    Draws,
    average_pool,
    cut_patches,
    cut_windows,
    gelu,
    join_windows,
    layer_norm,
    linear_parameters,
    merge_heads,
    norm_parameters,
    pixel_shuffle,
    relative_bias,
    split_heads,
)

SPECTRAL_NORM = None


def block_parameters(draws, c, width, side, noise):
    """side: of the square that attention sees; None has no relative positions."""
    hidden = c["mlpRatio"] * width
    attention = {"qkv": linear_parameters(draws, width, 3 * width, bias=False), "out": linear_parameters(draws, width, width)}
    if noise:
        attention["strength"] = jnp.zeros(())
    if side is not None:
        attention["table"] = draws.normal((2 * side - 1) ** 2, c["heads"]) * 0.02
    return {
        "norm1": norm_parameters(width),
        "norm2": norm_parameters(width),
        "attention": attention,
        "expand": linear_parameters(draws, width, hidden),
        "contract": linear_parameters(draws, hidden, width),
    }


def attention(run, x, p, heads, side):
    b, n, c = x.shape
    if "strength" in p:
        x = x + run.draws.normal(b, n, 1) * p["strength"]
    q, k, v = (split_heads(part, heads) for part in jnp.split(run.linear(x, p["qkv"]), 3, -1))
    bias = relative_bias(p["table"], side) if "table" in p else None
    return run.linear(merge_heads(run.attend(q, k, v, (c // heads) ** -0.5, bias)), p["out"])


def block(run, x, p, heads, side, window):
    """Attention inside windows of a map, or over all tokens, then an MLP on all."""
    y = layer_norm(x, p["norm1"])
    if window is None:
        x = x + attention(run, y, p["attention"], heads, side)
    else:
        x = x + join_windows(attention(run, cut_windows(y, side, window), p["attention"], heads, window), side, window)
    return x + run.linear(gelu(run.linear(layer_norm(x, p["norm2"]), p["expand"])), p["contract"])


def generator_parameters(draws, model):
    c = model["generator"]
    side, stages, positions, blocks = c["bottom"], c["stages"], [], []
    for index, stage in enumerate(stages):
        side, width = side if index == 0 else 2 * side, stage["width"]
        positions.append(draws.normal(side**2, width) * 0.02)
        seen = stage["window"] or side
        blocks.append([block_parameters(draws, c, width, seen, c["noise"]) for _ in range(stage["depth"])])
    return {
        "start": linear_parameters(draws, c["latentSize"], c["bottom"] ** 2 * stages[0]["width"]),
        "positions": positions,
        "blocks": blocks,
        "output": linear_parameters(draws, stages[-1]["width"], model["channels"]),
    }


def generator(params, z, run, model):
    c, b = model["generator"], z.shape[0]
    side = c["bottom"]
    x = run.linear(z, params["start"]).reshape(b, side**2, -1)
    for index, stage in enumerate(c["stages"]):
        if index > 0:
            x, side = pixel_shuffle(x.reshape(b, side, side, -1), 2).reshape(b, 4 * side**2, -1), 2 * side
        x = x + params["positions"][index]
        for p in params["blocks"][index]:
            x = block(run, x, p, c["heads"], side, stage["window"])
    return run.linear(x, params["output"]).reshape(b, side, side, -1)


def discriminator_parameters(draws, model):
    c, width = model["discriminator"], 0
    patches, positions, blocks = [], [], []
    for scale in c["scales"]:
        size = scale["patchSize"]
        side, width = model["imageSize"] // size, width + scale["width"]
        patches.append(linear_parameters(draws, size**2 * model["channels"], scale["width"]))
        positions.append(draws.normal(side**2, width) * 0.02)
        seen = [group["window"] or side for group in scale["groups"] for _ in range(group["depth"])]
        blocks.append([block_parameters(draws, c, width, each, c["noise"]) for each in seen])
    return {
        "patches": patches,
        "positions": positions,
        "blocks": blocks,
        "token": draws.normal(1, 1, width) * 0.02,
        "last": block_parameters(draws, c, width, None, c["noise"]),
        "norm": norm_parameters(width),
        "head": linear_parameters(draws, width, 1),
    }


def discriminator(params, images, run, model):
    c, b, x = model["discriminator"], images.shape[0], None
    for index, scale in enumerate(c["scales"]):
        size = scale["patchSize"]
        side = model["imageSize"] // size
        tokens = run.linear(cut_patches(images, size).reshape(b, side**2, -1), params["patches"][index])
        if x is not None:
            half = average_pool(x.reshape(b, 2 * side, 2 * side, -1)).reshape(b, side**2, -1)
            tokens = jnp.concatenate([half, tokens], 2)
        x = tokens + params["positions"][index]
        windows = [group["window"] for group in scale["groups"] for _ in range(group["depth"])]
        for p, window in zip(params["blocks"][index], windows):
            x = block(run, x, p, c["heads"], side, window)
    token = jnp.broadcast_to(params["token"], (b, 1, x.shape[2]))
    x = block(run, jnp.concatenate([token, x], 1), params["last"], c["heads"], None, None)
    return run.linear(layer_norm(x[:, 0], params["norm"]), params["head"])[:, 0]


def init(key, model):
    draws = Draws(key)
    return {
        "generator": generator_parameters(draws, model),
        "discriminator": discriminator_parameters(draws, model),
        "vectors": {"generator": [], "discriminator": []},
        "statistics": [],
    }
