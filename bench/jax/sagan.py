"""SAGAN in JAX, the networks of bench/pytorch/sagan.py: Zhang et al. 2019 (arXiv 1805.08318), without classes."""

import jax
import jax.numpy as jnp
from layers import Draws, average_pool, conv_parameters, linear_parameters, norm_parameters
from spectral import plain_vectors

SPECTRAL_NORM = "every phase"


def conv(draws, inputs, outputs, size=3, bias=True):
    return conv_parameters(draws, inputs, outputs, size, bias, "spectral")


def attention_parameters(draws, channels):
    narrow, wide = channels // 8, channels // 2
    return {
        **{name: conv(draws, channels, narrow, 1, False) for name in ("theta", "phi")},
        "g": conv(draws, channels, wide, 1, False),
        "o": conv(draws, wide, channels, 1, False),
        "sigma": jnp.zeros(()),
    }


def attention(run, x, p):
    """The pooled form: keys and values at a quarter of the positions."""
    b, h, w, _ = x.shape
    pool = lambda y: y.reshape(b, h // 2, 2, w // 2, 2, -1).max((2, 4)).reshape(b, 1, h * w // 4, -1)
    query = run.conv(x, p["theta"]).reshape(b, 1, h * w, -1)
    read = run.attend(query, pool(run.conv(x, p["phi"])), pool(run.conv(x, p["g"])), 1.0)
    return x + p["sigma"] * run.conv(read.reshape(b, h, w, -1), p["o"])


def double(x):
    """Every pixel four times."""
    b, h, w, c = x.shape
    return jnp.broadcast_to(x[:, :, None, :, None], (b, h, 2, w, 2, c)).reshape(b, 2 * h, 2 * w, c)


def up_block_parameters(draws, inputs, outputs):
    return {
        "norm1": norm_parameters(inputs),
        "norm2": norm_parameters(outputs),
        "conv1": conv(draws, inputs, outputs),
        "conv2": conv(draws, outputs, outputs),
        "skip": conv(draws, inputs, outputs, 1),
    }


def up_block(run, x, p, norm):
    y = run.conv(double(jax.nn.relu(run.batch_norm(x, p["norm1"], norm["epsilon"], norm["decay"]))), p["conv1"])
    y = run.conv(jax.nn.relu(run.batch_norm(y, p["norm2"], norm["epsilon"], norm["decay"])), p["conv2"])
    return y + double(run.conv(x, p["skip"]))


def down_block(run, x, p, halves, entry):
    y = run.conv(jax.nn.relu(run.conv(x if entry else jax.nn.relu(x), p["conv1"])), p["conv2"])
    if halves:
        x, y = average_pool(x), average_pool(y)
    return y + (run.conv(x, p["skip"]) if "skip" in p else x)


def generator_parameters(draws, model):
    c = model["generator"]
    widths, steps = c["widths"], []
    for index, (a, b) in enumerate(zip(widths, widths[1:])):
        steps.append(up_block_parameters(draws, a, b))
        if 8 * 2**index in c["attentionAt"]:
            steps.append(attention_parameters(draws, b))
    return {
        "start": linear_parameters(draws, c["latentSize"], 16 * widths[0], name="spectral"),
        "steps": steps,
        "norm": norm_parameters(widths[-1]),
        "output": conv(draws, widths[-1], model["channels"]),
    }


def generator(params, z, run, model):
    norm = model["generator"]["norm"]
    x = run.linear(z, params["start"]).reshape(z.shape[0], -1, 4, 4).transpose(0, 2, 3, 1)
    for p in params["steps"]:
        x = attention(run, x, p) if "theta" in p else up_block(run, x, p, norm)
    x = run.batch_norm(x, params["norm"], norm["epsilon"], norm["finalDecay"])
    return jnp.tanh(run.conv(jax.nn.relu(x), params["output"]))


def discriminator_parameters(draws, model):
    c, inputs, side, steps = model["discriminator"], model["channels"], model["imageSize"], []
    for index, width in enumerate(c["widths"]):
        halves = index < c["halvings"]
        block = {"conv1": conv(draws, inputs, width), "conv2": conv(draws, width, width)}
        if halves or inputs != width:
            block["skip"] = conv(draws, inputs, width, 1)
        steps.append(block)
        inputs, side = width, side // 2 if halves else side
        if side in c["attentionAt"] and (halves or index == 0):
            steps.append(attention_parameters(draws, width))
    return {"steps": steps, "head": linear_parameters(draws, inputs, 1, name="spectral")}


def discriminator(params, images, run, model):
    x, halvings, index = images, model["discriminator"]["halvings"], 0
    for p in params["steps"]:
        if "theta" in p:
            x = attention(run, x, p)
        else:
            x, index = down_block(run, x, p, index < halvings, index == 0), index + 1
    return run.linear(jax.nn.relu(x).sum((1, 2)), params["head"]).reshape(-1)


def init(key, model):
    draws = Draws(key)
    g, d, widths = generator_parameters(draws, model), discriminator_parameters(draws, model), model["generator"]["widths"]
    normed = [width for pair in zip(widths, widths[1:]) for width in pair] + [widths[-1]]
    return {
        "generator": g,
        "discriminator": d,
        "vectors": {"generator": plain_vectors(draws, g), "discriminator": plain_vectors(draws, d)},
        "statistics": [{"mean": jnp.zeros(width), "variance": jnp.ones(width)} for width in normed],
    }
