"""ViTGAN in JAX, the networks of bench/pytorch's ViTGAN: Lee et al. 2022 (arXiv 2107.04589), the paper's form. Modulated layers scale
inputs and outputs around one shared product; only the class token goes on from the attention of the
discriminator's last block."""

import math

import jax.numpy as jnp
from jax import lax
from layers import (
    Draws,
    equalized_parameters,
    fourier,
    fourier_parameters,
    gelu,
    layer_norm,
    leaky_relu,
    merge_heads,
    norm_parameters,
    split_heads,
    unit_rms,
)
from spectral import improved_vectors

SPECTRAL_NORM = "every iteration"


def style_norm_parameters(draws, width):
    return {"gamma": equalized_parameters(draws, width, width, bias_init=1.0), "beta": equalized_parameters(draws, width, width)}


def style_norm(run, x, p, w):
    return layer_norm(x, epsilon=1e-6) * run.equalized(w, p["gamma"])[:, None] + run.equalized(w, p["beta"])[:, None]


def generator_block_parameters(draws, c):
    width, hidden = c["width"], c["mlpWidth"]
    attention = {name: equalized_parameters(draws, width, width, bias=False) for name in ("query", "keys", "value")}
    return {
        "norm1": style_norm_parameters(draws, width),
        "attention": {**attention, "output": equalized_parameters(draws, width, width)},
        "norm2": style_norm_parameters(draws, width),
        "expand": equalized_parameters(draws, width, hidden),
        "contract": equalized_parameters(draws, hidden, width),
    }


def generator_block(run, x, p, w, heads):
    y, a = style_norm(run, x, p["norm1"], w), p["attention"]
    q, k, v = (split_heads(run.equalized(y, a[name]), heads) for name in ("query", "keys", "value"))
    x = x + run.equalized(merge_heads(run.attend(q, k, v, 1 / math.sqrt(q.shape[-1]))), a["output"])
    return x + run.equalized(gelu(run.equalized(style_norm(run, x, p["norm2"], w), p["expand"])), p["contract"])


def modulated_parameters(draws, inputs, outputs, style_width):
    return {"weight": draws.normal(inputs, outputs), "style": equalized_parameters(draws, style_width, inputs, bias_init=1.0)}


def modulated(run, x, p, tokens, demodulate=True):
    weight = p["weight"] / math.sqrt(p["weight"].shape[0])
    style = run.equalized(tokens, p["style"])
    y = run.product(x * style[:, None], weight)
    if not demodulate:
        return y
    return y * lax.rsqrt(run.product(jnp.square(style), jnp.square(weight)) + 1e-8)[:, None]


def generator_parameters(draws, model):
    c = model["generator"]
    width, multiplier = c["width"], c["mappingMultiplier"]
    inputs = [c["latentSize"]] + [width] * (c["mappingLayers"] - 1)
    sizes = [width, *c["output"]["hidden"]]
    return {
        "mapping": [equalized_parameters(draws, each, width, multiplier=multiplier) for each in inputs],
        "fourier": {"linear": fourier_parameters(draws, width)},
        "blocks": [generator_block_parameters(draws, c) for _ in range(c["depth"])],
        "norm": style_norm_parameters(draws, width),
        "decoder": {
            "fourier": {"linear": fourier_parameters(draws, width)},
            "layers": [modulated_parameters(draws, a, b, width) for a, b in zip(sizes, sizes[1:])],
            "biases": [jnp.zeros(size) for size in sizes[1:]],
            "color": modulated_parameters(draws, sizes[-1], model["channels"], width),
            "color_bias": jnp.zeros(model["channels"]),
        },
    }


def decode(run, tokens, p, patch):
    """The implicit decoder: [N, C] to the pixels of a patch each, [N, patch^2, channels]."""
    x = fourier(patch, p["fourier"]["linear"])[None]
    for layer, bias in zip(p["layers"], p["biases"]):
        x = leaky_relu(modulated(run, x, layer, tokens) + bias)
    return modulated(run, x, p["color"], tokens, demodulate=False) + p["color_bias"]


def generator(params, z, run, model):
    c, b = model["generator"], z.shape[0]
    patch = c["patchSize"]
    side, w = model["imageSize"] // patch, unit_rms(z)
    for p in params["mapping"]:
        w = leaky_relu(run.equalized(w, p, c["mappingMultiplier"]))
    x = jnp.broadcast_to(fourier(side, params["fourier"]["linear"]), (b, side**2, c["width"]))
    for p in params["blocks"]:
        x = generator_block(run, x, p, w, c["heads"])
    x = style_norm(run, x, params["norm"], w).reshape(b * side**2, -1)
    pixels = decode(run, x, params["decoder"], patch).reshape(b, side, side, patch, patch, -1)
    return pixels.transpose(0, 1, 3, 2, 4, 5).reshape(b, side * patch, side * patch, -1)


def discriminator_block(run, x, p, heads, keep=None):
    """L2 attention with tied queries and keys, whose row's own length cancels in the softmax; then an MLP. keep: tokens that go on."""
    y, a = layer_norm(x, p["norm1"], 1e-6), p["attention"]
    q, v = (split_heads(run.linear(y, a[name]), heads) for name in ("query", "value"))
    scale = 1 / math.sqrt(q.shape[-1])
    lengths = jnp.square(q).sum(-1)[:, :, None] * -scale
    x = x[:, :keep] + run.linear(merge_heads(run.attend(q, q, v, 2 * scale, lengths)), a["output"])[:, :keep]
    return x + run.linear(gelu(run.linear(layer_norm(x, p["norm2"], 1e-6), p["expand"])), p["contract"])


def discriminator_parameters(draws, model):
    c = model["discriminator"]
    width, hidden = c["width"], c["mlpWidth"]
    spectral = lambda inputs, outputs, bias=True: equalized_parameters(draws, inputs, outputs, bias, name="spectral")
    attention = lambda: {**{name: spectral(width, width, False) for name in ("query", "value")}, "output": spectral(width, width)}
    blocks = [
        {
            "norm1": norm_parameters(width),
            "norm2": norm_parameters(width),
            "attention": attention(),
            "expand": spectral(width, hidden),
            "contract": spectral(hidden, width),
        }
        for _ in range(c["depth"])
    ]
    return {
        "embedding": spectral(4 * c["patchSize"] ** 2 * model["channels"], width),
        "fourier": {"linear": fourier_parameters(draws, width)},
        "class_token": draws.normal(width) * 0.02,
        "blocks": blocks,
        "norm": norm_parameters(width),
        "head": equalized_parameters(draws, width, 1),
    }


def overlapping_patches(images, patch):
    """Patches of twice the side, half a patch over every edge: [B, H, W, C] to [B, tokens, 4 patch^2 C]. Two by two from squares of one
    patch; their pixels in the order of a 2 patch x 2 patch square."""
    b, height, width, c = images.shape
    half = patch // 2
    x = jnp.pad(images, ((0, 0), (half, half), (half, half), (0, 0)))
    rows, columns = height // patch + 1, width // patch + 1
    x = x.reshape(b, rows, patch, columns, patch, c)
    x = jnp.concatenate([x[:, :-1], x[:, 1:]], 2)
    x = jnp.concatenate([x[:, :, :, :-1], x[:, :, :, 1:]], 4)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(b, (rows - 1) * (columns - 1), -1)


def discriminator(params, images, run, model):
    c, b = model["discriminator"], images.shape[0]
    side = model["imageSize"] // c["patchSize"]
    x = run.linear(overlapping_patches(images, c["patchSize"]), params["embedding"])
    x = x + fourier(side, params["fourier"]["linear"])
    x = jnp.concatenate([jnp.broadcast_to(params["class_token"], (b, 1, c["width"])), x], 1)
    for index, p in enumerate(params["blocks"]):
        x = discriminator_block(run, x, p, c["heads"], 1 if index == c["depth"] - 1 else None)
    return run.equalized(layer_norm(x, params["norm"], 1e-6), params["head"]).reshape(-1)


def init(key, model):
    draws = Draws(key)
    g, d = generator_parameters(draws, model), discriminator_parameters(draws, model)
    return {
        "generator": g,
        "discriminator": d,
        "vectors": {"generator": [], "discriminator": improved_vectors(d)},
        "statistics": [],
    }
