"""StyleGAN2's resampling of maps [B, H, W, C] with the taps [1, 3, 3, 1], as sums of shifted maps, which XLA makes one loop of: its
convolutions channel by channel are far slower on a CPU."""

import math

import jax.numpy as jnp
from jax import lax


def blur(x, padding, gain=1.0):
    """[1, 3, 3, 1] / 8 along both axes, the whole times the gain; padding: zeros before and after either axis."""
    taps = [tap / 8 * math.sqrt(gain) for tap in (1.0, 3.0, 3.0, 1.0)]
    x = jnp.pad(x, ((0, 0), padding, padding, (0, 0)))
    for axis in (1, 2):
        size = x.shape[axis] - 3
        x = sum(tap * lax.slice_in_dim(x, at, at + size, axis=axis) for at, tap in enumerate(taps))
    return x


def spread(x):
    """A zero after every pixel along both axes."""
    return lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), (0, 1, 1), (0, 1, 1), (0, 0, 0)))


def doubling_conv(run, x, weight):
    """The transposed convolution of stride 2 by a 3x3 kernel [3, 3, in, out]: [B, H, W, in] to [B, 2H + 1, 2W + 1, out]. One product gives
    every pixel's nine contributions, which then go to their places."""
    b, h, w, inputs = x.shape
    outputs = weight.shape[-1]
    taps = run.product(x, weight.transpose(2, 0, 1, 3).reshape(inputs, -1)).reshape(b, h, w, 3, 3, outputs)

    def placed(row, column):
        edges = ((0, 0, 0), (row, 2 - row, 1), (column, 2 - column, 1), (0, 0, 0))
        return lax.pad(taps[:, :, :, row, column], jnp.zeros((), taps.dtype), edges)

    return sum(placed(row, column) for row in range(3) for column in range(3))
