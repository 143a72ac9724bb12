"""Reference numbers of the test with random weights in the official format: features, FID and Inception Score in float64.

    python bench/reference/inception_reference.py > packages/metrics/src/fixtures/random-inception.json
"""

import json

import numpy as np
import torch

from inception_network import LOGITS, features, hashed, hashed_images, hashed_weights



def score(logits, splits):
    p = torch.softmax(torch.from_numpy(logits), 1).numpy()
    parts = [np.exp((q * (np.log(q) - np.log(q.mean(0)))).sum(1).mean()) for q in np.split(p, splits)]
    return float(np.mean(parts)), float(np.std(parts))


weights = hashed_weights()
real, fake = (features(weights, hashed_images(stream, 6, 32), {64, 2048}) for stream in (2000, 2001))
fc = hashed(1000, LOGITS * 2048, -0.2, 0.2).reshape(LOGITS, 2048).astype(np.float64)
mean, deviation = score(fake[2048].numpy() @ fc.T, 2)
# 6 images have a covariance of rank 5, for which the root of a product of 2048 x 2048 is poorly conditioned: the product of
# the centred features has the same singular values.
a, b = real[2048].numpy(), fake[2048].numpy()
x, y = (a - a.mean(0)) / np.sqrt(5), (b - b.mean(0)) / np.sqrt(5)
root = np.linalg.svd(x @ y.T, compute_uv=False).sum()
fid = ((a.mean(0) - b.mean(0)) ** 2).sum() + (x ** 2).sum() + (y ** 2).sum() - 2 * root
print(json.dumps({
    "fid2048": fid,
    "score": {"mean": mean, "deviation": deviation},
    "features64": [round(float(v), 8) for v in real[64][0]],
    "features2048": [round(float(v), 8) for v in a[0, :64]],
    "logits": [round(float(v), 8) for v in (fake[2048].numpy() @ fc.T)[1, :32]],
}, indent=1))
