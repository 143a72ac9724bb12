"""FID in float64 of two sets of images, on PyTorch's features; the other side of our `fid-64`, `fid-192` and `fid-768`.

    python bench/reference/fid_reference.py WEIGHTS REAL FAKE HxWxC [--dims 64 192 768] [--float32]

WEIGHTS is the folder of raw weights (weights_conv.dat, ...); REAL and FAKE are files of raw uint8 pixels, one image after the
other in rows of H, W and C. Prints one JSON object: {"fid-64": ..., "images": [n, m]}. Needs torch, numpy and scipy.
"""

import argparse
import json
import warnings

import numpy as np
import torch
from scipy.linalg import sqrtm

from inception_network import dat_weights, features


def frechet(a, b):
    """With SciPy's root of the product, and from the singular values of the product of centred features as a check."""
    m1, m2, s1, s2 = a.mean(0), b.mean(0), np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    rest = ((m1 - m2) ** 2).sum() + np.trace(s1) + np.trace(s2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        by_root = rest - 2 * np.trace(sqrtm(s1 @ s2)).real
    x, y = (a - m1) / np.sqrt(len(a) - 1), (b - m2) / np.sqrt(len(b) - 1)
    return by_root, rest - 2 * np.linalg.svd(x @ y.T, compute_uv=False).sum()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weights")
    parser.add_argument("real")
    parser.add_argument("fake")
    parser.add_argument("shape")
    parser.add_argument("--dims", type=int, nargs="+", default=[64, 192, 768])
    parser.add_argument("--float32", action="store_true", help="features in float32, as PyTorch users have them")
    options = parser.parse_args()
    shape = tuple(int(part) for part in options.shape.split("x"))
    weights = dat_weights(options.weights)
    sides = []
    for path in (options.real, options.fake):
        images = np.fromfile(path, np.uint8).reshape(-1, *shape)
        images = images if shape[2] == 3 else images.repeat(3, 3)
        parts = [
            features(weights, images[i : i + 16], set(options.dims), torch.float32 if options.float32 else torch.float64)
            for i in range(0, len(images), 16)
        ]
        sides.append({dims: torch.cat([part[dims] for part in parts]).double().numpy() for dims in options.dims})
    result = {"images": [len(side[options.dims[0]]) for side in sides]}
    for dims in options.dims:
        by_root, by_values = frechet(sides[0][dims], sides[1][dims])
        result[f"fid-{dims}"] = by_values
        result[f"fid-{dims} by sqrtm"] = by_root
    print(json.dumps(result))


main()
