"""DiffAugment (Zhao et al. 2020, arXiv 2006.10738): colour, translation, cutout."""

import jax.numpy as jnp


def diff_augment(x, draws):
    """Images [B, H, W, C], each with draws of its own."""
    b, h, w, _ = x.shape
    x = x + (draws.uniform(b, 1, 1, 1) - 0.5)
    mean = x.mean(3, keepdims=True)
    x = (x - mean) * (draws.uniform(b, 1, 1, 1) * 2) + mean
    mean = x.mean((1, 2, 3), keepdims=True)
    x = (x - mean) * (draws.uniform(b, 1, 1, 1) + 0.5) + mean

    # A shift as a product with zeros and ones: a gather's gradient is a scatter, which a CPU does one element at a time.
    def shift(size):
        most = int(size * 0.125 + 0.5)
        by = draws.integers(-most, most + 1, b, 1, 1)
        return (jnp.arange(size)[:, None] + by == jnp.arange(size)).astype(x.dtype)

    down, right = shift(h), shift(w)
    x = jnp.einsum("bij,bjwc->biwc", down, x)
    x = jnp.einsum("bij,bhjc->bhic", right, x)

    def hidden(size):
        cut = int(size * 0.5 + 0.5)
        first = draws.integers(0, size + 1 - cut % 2, b, 1) - cut // 2
        at = jnp.arange(size)
        return (at >= first) & (at < first + cut)

    rows, columns = hidden(h), hidden(w)
    return jnp.where((rows[:, :, None] & columns[:, None, :])[..., None], 0, x)
