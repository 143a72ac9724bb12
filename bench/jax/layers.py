"""Layers in plain JAX. Parameters are nested dictionaries and lists of arrays: {"weight": [in, out], "bias": [out]} of a linear map,
[height, width, in, out] of a convolution. Maps are [B, H, W, C]: with HWIO weights XLA's CPU compiler calls its fast convolution, without
transposes around it."""

import math
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax


class Draws:
    """Random arrays, one after another, from one key."""

    def __init__(self, key):
        self.key = key

    def next_key(self):
        self.key, key = jax.random.split(self.key)
        return key

    def normal(self, *shape):
        return jax.random.normal(self.next_key(), shape)

    def uniform(self, *shape):
        """Numbers in [0, 1)."""
        return jax.random.uniform(self.next_key(), shape)

    def integers(self, low, high, *shape):
        """Integers in [low, high)."""
        return jax.random.randint(self.next_key(), shape, low, high)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def bfloat16_einsum(spec, a, b):
    """A product of two arrays in bfloat16 with float32 sums, in the backward passes of every order too: of products with a bfloat16 result
    or with one float32 factor, XLA's CPU compiler makes float32 ones, which take eight times as long where the processor has AMX."""
    return jnp.einsum(spec, a.astype(jnp.bfloat16), b.astype(jnp.bfloat16), preferred_element_type=jnp.float32)


def _forward(spec, a, b):
    return bfloat16_einsum(spec, a, b), (a, b)


def _backward(spec, factors, gradient):
    (a, b), (inputs, result) = factors, spec.split("->")
    left, right = inputs.split(",")
    return (
        bfloat16_einsum(f"{result},{right}->{left}", gradient, b),
        bfloat16_einsum(f"{left},{result}->{right}", a, gradient),
    )


bfloat16_einsum.defvjp(_forward, _backward)


class Pass:
    """One forward pass: the precision of its products ("float32" or "bfloat16"), its random draws, and the running statistics of its batch
    norms in the order of use, old ones in and new ones out. Everything that is no product or convolution is float32."""

    def __init__(self, precision, draws, statistics=()):
        self.precision, self.draws = precision, draws
        self.old_statistics, self.statistics = iter(statistics), []

    def einsum(self, spec, a, b):
        """spec: two factors; each index of one of them also in the other or in the result."""
        return bfloat16_einsum(spec, a, b) if self.precision == "bfloat16" else jnp.einsum(spec, a, b)

    def product(self, x, weight):
        """[..., in] times [in, out]."""
        rows = self.einsum("nk,km->nm", x.reshape(-1, x.shape[-1]), weight)
        return rows.reshape(*x.shape[:-1], weight.shape[-1])

    def linear(self, x, p):
        y = self.product(x, p["weight"])
        return y + p["bias"] if "bias" in p else y

    def equalized(self, x, p, multiplier=1.0):
        """A linear map whose weight is scaled by multiplier / sqrt(inputs), and its bias by the multiplier."""
        y = self.product(x, p["weight"] * (multiplier / math.sqrt(x.shape[-1])))
        return y + p["bias"] * multiplier if "bias" in p else y

    def convolve(self, x, weight, stride=1, padding="SAME"):
        """[B, H, W, in] by [height, width, in, out]; a 1x1 kernel is a product."""
        if weight.shape[:2] == (1, 1):
            return self.product(x[:, ::stride, ::stride], weight[0, 0])
        result = x.dtype
        if self.precision == "bfloat16":
            x, weight = x.astype(jnp.bfloat16), weight.astype(jnp.bfloat16)
        return lax.conv_general_dilated(
            x,
            weight,
            (stride, stride),
            padding,
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
            preferred_element_type=result,
        )

    def conv(self, x, p):
        y = self.convolve(x, p["weight"])
        return y + p["bias"] if "bias" in p else y

    def attend(self, q, k, v, scale, bias=None):
        """softmax(q k^T scale + bias) v of heads [B, H, N, D]; the softmax in float32."""
        logits = self.einsum("bhnd,bhmd->bhnm", q * scale, k)
        weights = jax.nn.softmax(logits if bias is None else logits + bias, -1)
        return self.einsum("bhnm,bhmd->bhnd", weights, v)

    def dropout(self, x, rate):
        return jnp.where(self.draws.uniform(*x.shape) >= rate, x / (1 - rate), 0)

    def batch_norm(self, x, p, epsilon, decay):
        """By the batch's own moments over all axes but the last; the running ones only move."""
        axes, count = tuple(range(x.ndim - 1)), x.size // x.shape[-1]
        mean = x.mean(axes)
        variance = jnp.square(x - mean).mean(axes)
        old, new = next(self.old_statistics), {"mean": mean, "variance": variance * (count / (count - 1))}
        self.statistics.append({name: old[name] * decay + new[name] * (1 - decay) for name in new})
        return (x - mean) * lax.rsqrt(variance + epsilon) * p["weight"] + p["bias"]


def linear_parameters(draws, inputs, outputs, bias=True, name="weight"):
    """Uniform within 1 / sqrt(inputs), as torch.nn.Linear starts."""
    bound = 1 / math.sqrt(inputs)
    p = {name: (draws.uniform(inputs, outputs) * 2 - 1) * bound}
    return {**p, "bias": (draws.uniform(outputs) * 2 - 1) * bound} if bias else p


def conv_parameters(draws, inputs, outputs, size=3, bias=True, name="weight"):
    bound = 1 / math.sqrt(inputs * size**2)
    p = {name: (draws.uniform(size, size, inputs, outputs) * 2 - 1) * bound}
    return {**p, "bias": (draws.uniform(outputs) * 2 - 1) * bound} if bias else p


def equalized_parameters(draws, inputs, outputs, bias=True, multiplier=1.0, bias_init=0.0, name="weight"):
    p = {name: draws.normal(inputs, outputs) / multiplier}
    return {**p, "bias": jnp.full(outputs, bias_init / multiplier, jnp.float32)} if bias else p


def norm_parameters(width):
    return {"weight": jnp.ones(width), "bias": jnp.zeros(width)}


def layer_norm(x, p=None, epsilon=1e-5):
    x = x - x.mean(-1, keepdims=True)
    x = x * lax.rsqrt(jnp.square(x).mean(-1, keepdims=True) + epsilon)
    return x if p is None else x * p["weight"] + p["bias"]


def gelu(x):
    return jax.nn.gelu(x, approximate=False)


def leaky_relu(x):
    """Slope 0.2, brought back to unit variance."""
    return jax.nn.leaky_relu(x, 0.2) * math.sqrt(2)


def unit_rms(x, axes=-1, epsilon=1e-8):
    return x * lax.rsqrt(jnp.square(x).mean(axes, keepdims=True) + epsilon)


def split_heads(x, heads):
    """[B, N, C] to [B, H, N, C / H]."""
    return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)


def merge_heads(x):
    return x.transpose(0, 2, 1, 3).reshape(x.shape[0], x.shape[2], -1)


def cut_patches(images, size):
    """[B, H, W, C] to [B, H/size, W/size, size, size, C]."""
    b, h, w, c = images.shape
    return images.reshape(b, h // size, size, w // size, size, c).transpose(0, 1, 3, 2, 4, 5)


def cut_windows(x, side, window):
    """Tokens [B, side^2, C] to [B * windows, window^2, C]."""
    return cut_patches(x.reshape(x.shape[0], side, side, -1), window).reshape(-1, window**2, x.shape[-1])


def join_windows(x, side, window):
    """What cut_windows undoes."""
    count, c = side // window, x.shape[-1]
    squares = x.reshape(-1, count, count, window, window, c).transpose(0, 1, 3, 2, 4, 5)
    return squares.reshape(-1, side * side, c)


def pixel_shuffle(x, factor):
    """[B, H, W, C factor^2] to [B, H factor, W factor, C]."""
    b, h, w, c = x.shape
    x = x.reshape(b, h, w, c // factor**2, factor, factor).transpose(0, 1, 4, 2, 5, 3)
    return x.reshape(b, h * factor, w * factor, -1)


def average_pool(x):
    """2x2 means."""
    b, h, w, c = x.shape
    return x.reshape(b, h // 2, 2, w // 2, 2, c).mean((2, 4))


def relative_bias(table, side):
    """[(2 side - 1)^2, H] to [H, side^2, side^2]: an entry for every offset of a query from a key. Slices rather than an index, whose
    gradient would be a scatter, one element at a time."""

    def toeplitz(t, axis):
        """t[i - j + side - 1] of rows i and columns j, in front."""
        rows = [jnp.flip(lax.slice_in_dim(t, i, i + side, axis=axis), axis) for i in range(side)]
        return jnp.stack(rows, axis)

    lines = toeplitz(table.reshape(2 * side - 1, 2 * side - 1, -1), 0)
    return toeplitz(lines, 2).transpose(4, 0, 2, 1, 3).reshape(-1, side**2, side**2)


def grid(side):
    """Coordinates (x, y) in [-1, 1] of a square's pixels: [side^2, 2]."""
    axis = jnp.linspace(-1, 1, side)
    rows, columns = jnp.meshgrid(axis, axis, indexing="ij")
    return jnp.stack([columns, rows], -1).reshape(-1, 2)


def fourier_parameters(draws, width):
    bound = math.sqrt(4.5)
    weight = (draws.uniform(2, width) * 2 - 1) * bound
    return {"weight": weight, "bias": (draws.uniform(width) * 2 - 1) / math.sqrt(2)}


def fourier(side, p):
    """Learned sines of the coordinates, in float32: [side^2, C]."""
    return jnp.sin(grid(side) @ p["weight"] + p["bias"])
