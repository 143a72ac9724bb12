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
    """The transposed convolution of stride 2 by a 3x3 kernel [3, 3, in, out]: [B, H, W, in] to [B, 2H + 1, 2W + 1, out]. Each 2x2 square of
    the result reads 2x2 pixels, so one product gives all four: XLA's gradient of the dilated convolution takes ten times as long."""
    b, h, w, inputs = x.shape
    outputs = weight.shape[-1]
    # Along an axis, pixels i - 1 and i reach the even place by taps 2 and 0, and the odd one by none and tap 1.
    taps = jnp.pad(weight, ((0, 1), (0, 1), (0, 0), (0, 0))).reshape(2, 2, 2, 2, inputs, outputs)[::-1, :, ::-1]
    taps = taps.transpose(0, 2, 4, 1, 3, 5).reshape(4 * inputs, 4 * outputs)
    x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    read = jnp.concatenate([x[:, i : i + h + 1, j : j + w + 1] for i in (0, 1) for j in (0, 1)], 3)
    y = run.product(read, taps).reshape(b, h + 1, w + 1, 2, 2, outputs).transpose(0, 1, 3, 2, 4, 5)
    return y.reshape(b, 2 * h + 2, 2 * w + 2, outputs)[:, :-1, :-1]
