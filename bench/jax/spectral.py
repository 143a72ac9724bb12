"""Spectral normalisation of every weight that is called "spectral", by one step of power iteration on vectors that are kept beside the
parameters. Vectors are a list in the order in which the parameters are walked."""

import math

import jax.numpy as jnp


def _walk(tree, visit):
    """The tree with every layer that has a "spectral" weight replaced by visit(layer), in the order of keys that JAX gives dictionaries."""
    if isinstance(tree, dict):
        return visit(tree) if "spectral" in tree else {key: _walk(tree[key], visit) for key in sorted(tree)}
    return [_walk(each, visit) for each in tree] if isinstance(tree, list) else tree


def _matrices(parameters):
    found = []
    _walk(parameters, lambda layer: found.append(layer["spectral"].reshape(-1, layer["spectral"].shape[-1])))
    return found


def _unit(x):
    return x / jnp.maximum(jnp.linalg.norm(x), 1e-12)


def power_iteration(parameters, vectors):
    """u = W^T v / |W^T v|, v = W u / |W u| of weights [in, out]."""
    moved = []
    for matrix, old in zip(_matrices(parameters), vectors):
        u = _unit(old["v"] @ matrix)
        moved.append({**old, "u": u, "v": _unit(matrix @ u)})
    return moved


def plain_vectors(draws, parameters):
    """For weights divided by their norm (Miyato et al. 2018, arXiv 1802.05957)."""
    vectors = [{"u": _unit(draws.normal(m.shape[1])), "v": _unit(draws.normal(m.shape[0]))} for m in _matrices(parameters)]
    for _ in range(15):
        vectors = power_iteration(parameters, vectors)
    return vectors


def improved_vectors(parameters):
    """For weights that keep the norm of their start (Lee et al. 2022, arXiv 2107.04589), scaled by 1 / sqrt(inputs)."""
    vectors = []
    for matrix in _matrices(parameters):
        left, values, right = jnp.linalg.svd(matrix, full_matrices=False)
        vectors.append({"u": right[0], "v": left[:, 0], "initial": values[0]})
    return vectors


def normalized(parameters, vectors):
    """The parameters with "spectral" weights as "weight", normalised. Gradients go through the norms, not through the vectors."""
    left = iter(vectors)

    def effective(layer):
        kept = next(left)
        weight = layer["spectral"]
        matrix = weight.reshape(-1, weight.shape[-1])
        sigma = kept["v"] @ (matrix @ kept["u"])
        factor = kept["initial"] / (sigma * math.sqrt(matrix.shape[0])) if "initial" in kept else 1 / sigma
        return {**{key: value for key, value in layer.items() if key != "spectral"}, "weight": weight * factor}

    return _walk(parameters, effective)
