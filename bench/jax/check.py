"""Compares the networks beside this file with those of ../pytorch: DiffAugment, images, logits, both losses with their penalties, and the
gradients of all parameters, from the same parameters, latents and random draws, in float64: in float32 a ReLU's input next to zero may round to
either side, which changes gradients by more than a hundredth. Run it by hand with a Python that has torch and jax:

    python bench/jax/check.py CONFIGURATION.json ...

where each file holds what family_step.py reads. Prints a line for each family and exits with 1 when a difference is too large."""

import importlib
import json
import pathlib
import re
import sys

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F
from augment import diff_augment
from iteration import Objectives
from spectral import power_iteration

TOLERANCE = 1e-7
HERE = pathlib.Path(__file__).parent
PYTORCH = HERE.parent / "pytorch"


def from_folder(folder):
    return {name: each for name, each in sys.modules.items() if pathlib.Path(getattr(each, "__file__", None) or "/").parent == folder}


def load_pytorch(name):
    """A module of ../pytorch, where others are called as those beside this file."""
    ours = from_folder(HERE)
    for each in ours:
        del sys.modules[each]
    sys.path.insert(0, str(PYTORCH))
    loaded = importlib.import_module(name)
    sys.path.remove(str(PYTORCH))
    for each in from_folder(PYTORCH):
        del sys.modules[each]
    sys.modules.update(ours)
    return loaded


class Recorder:
    """Keeps what PyTorch's random functions return, in order, while it is entered."""

    def __enter__(self):
        self.drawn, self.dropout = [], F.dropout
        self.originals = {name: getattr(torch, name) for name in ("rand", "randn", "randint", "randn_like")}
        for name, original in self.originals.items():
            setattr(torch, name, self.keep(original))
        F.dropout = lambda x, rate: x * (torch.rand(x.shape) >= rate) / (1 - rate)
        return self

    def keep(self, original):
        def draw(*args, **options):
            self.drawn.append(original(*args, **options))
            return self.drawn[-1]

        return draw

    def __exit__(self, *_):
        F.dropout = self.dropout
        for name, original in self.originals.items():
            setattr(torch, name, original)


class Replay:
    """The recorded numbers as Draws, in the same order."""

    def __init__(self, recorder):
        self.left = iter(recorder.drawn)

    def normal(self, *shape):
        return jnp.asarray(next(self.left).numpy()).reshape(shape)

    uniform = normal

    def integers(self, low, high, *shape):
        return self.normal(*shape)


def nhwc(images):
    return jnp.asarray(images.detach().permute(0, 2, 3, 1).numpy())


def in_our_layout(path, array, channels):
    """A parameter of PyTorch's, or its gradient: [out, in] to [in, out] and so on."""
    if array.ndim == 4:
        return array.transpose(0, 2, 3, 1) if path == "start" else array.transpose(2, 3, 1, 0)
    matrix = array.ndim == 2 and path.endswith((".weight", ".spectral"))
    if not matrix or re.fullmatch(r"decoder\.(layers\.\d+|color)\.weight", path):
        return array
    array = array.T
    # Patches are unfolded, and GANsformer's last map is flattened, channel by channel there and pixel by pixel here.
    pixels = {"embedding": array.shape[0] // channels, "embed": array.shape[0] // channels, "hidden": 16}.get(path.split(".")[0])
    return array if pixels is None else array.reshape(-1, pixels, array.shape[1]).transpose(1, 0, 2)


def paths_of(tree):
    """The paths of a tree's leaves, such as blocks.0.weight, in JAX's order."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [".".join(str(getattr(part, "key", getattr(part, "idx", None))) for part in path) for path, _ in leaves]


def pytorch_name(path, names):
    """PyTorch's name of the parameter at a path."""
    layers = path.replace("expand", "mlp.0").replace("contract", "mlp.2")
    candidates = [each.replace(".spectral", end) for each in (path, layers) for end in (".weight", ".parametrizations.weight.original")]
    return next(each for each in candidates if each in names)


def translated(tree, arrays, channels):
    """A tree like the given one, from PyTorch's arrays by name."""
    leaves, shape = jax.tree.flatten(tree)
    left, ours = set(arrays), []
    for path, leaf in zip(paths_of(tree), leaves):
        name = pytorch_name(path, arrays)
        left.remove(name)
        ours.append(jnp.asarray(in_our_layout(path, arrays[name], channels)).reshape(leaf.shape))
    if left:
        raise ValueError(f"check.py: the JAX network lacks the parameters {sorted(left)} of PyTorch's")
    return jax.tree.unflatten(shape, ours)


def vectors_of(tree, module, channels):
    """The vectors of spectral normalisation, in the order of the tree's paths."""
    parameters, buffers = dict(module.named_parameters()), dict(module.named_buffers())
    vectors = []
    for path in (each for each in paths_of(tree) if each.endswith("spectral")):
        name = pytorch_name(path, parameters)
        start, weight = name.removesuffix("weight").removesuffix("parametrizations.weight.original"), parameters[name]
        plain = name.endswith("original")
        u, v = (buffers[start + (f"parametrizations.weight.0._{each}" if plain else each)].clone() for each in "uv")
        along = in_our_layout(path, v.reshape(1, *weight.shape[1:]).numpy(), channels)
        vectors.append({"u": jnp.asarray(u.numpy()), "v": jnp.asarray(along.reshape(-1))})
        if not plain:
            vectors[-1]["initial"] = jnp.asarray(buffers[f"{start}sigma_init"].numpy())
    return vectors


def values(module):
    return {name: p.detach().numpy().copy() for name, p in module.named_parameters()}


def gradients(module, loss):
    parameters = dict(module.named_parameters())
    found = torch.autograd.grad(loss, list(parameters.values()))
    return {name: each.numpy() for name, each in zip(parameters, found)}


def difference(ours, theirs):
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def tree_difference(ours, theirs):
    """The largest of any leaf. A leaf smaller than a thousandth of the largest is measured against that: some gradients, such as that of a
    bias in front of a batch norm, are nothing but rounding."""
    norms = lambda tree: np.array([np.linalg.norm(leaf) for leaf in jax.tree.leaves(tree)])
    sizes = norms(theirs)
    return float(np.max(norms(jax.tree.map(jnp.subtract, ours, theirs)) / np.maximum(sizes, sizes.max() / 1000)))


def check(config):
    """The differences by name."""
    config = {**config, "precision": "float32", "augment": False}
    # A seed by which SAGAN's hinge loss is not zero for every image.
    torch.manual_seed(1)
    model, (height, width, channels), batch = config["model"], config["imageShape"], 8
    pytorch, iteration = load_pytorch(config["family"]), load_pytorch("iteration")
    family = importlib.import_module(config["family"])
    g, d = pytorch.Generator(model), pytorch.Discriminator(model)
    with torch.no_grad():
        # Gates and biases start at a constant, often at zero, which would hide what they reach.
        for p in [*g.parameters(), *d.parameters()]:
            if p.numel() == 1 or p.std() == 0:
                p += torch.randn_like(p) * 0.1
    ours = jax.eval_shape(lambda key: family.init(key, model), jax.random.key(0))
    g_params, d_params = (translated(ours[name], values(net), channels) for name, net in (("generator", g), ("discriminator", d)))
    statistics = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape), ours["statistics"])
    g_vectors, d_vectors = vectors_of(g_params, g, channels), vectors_of(d_params, d, channels)
    objectives, results = Objectives(family, config), {}
    real, z = torch.rand(batch, channels, height, width) * 2 - 1, torch.randn(batch, config["latentSize"])
    latents = jnp.asarray(z.numpy())

    with Recorder() as recorder:
        augmented = iteration.diff_augment(real)
    results["augmented"] = difference(diff_augment(nhwc(real), Replay(recorder)), nhwc(augmented))

    with Recorder() as recorder, torch.no_grad():
        fake = g(z)
    g_vectors, d_vectors = power_iteration(g_params, g_vectors), power_iteration(d_params, d_vectors)
    images, _ = jax.jit(lambda p: objectives.generate(p, g_vectors, latents, Replay(recorder), statistics))(g_params)
    results["images"] = difference(images, nhwc(fake))

    # ViTGAN's power iteration is a method; SAGAN's is part of every pass.
    improved = family.SPECTRAL_NORM == "every iteration"
    if improved:
        d.advance()
        d.prepare()
    real.requires_grad_(True)
    apart = config["comparesImages"] or any(kind["kind"] == "r1" for kind in config["penalties"])
    with Recorder() as recorder:
        logits = (d(real), d(fake)) if apart else d(torch.cat([real, fake])).chunk(2)
        loss = iteration.LOSSES[config["loss"]][0](*logits)
        for kind in config["penalties"]:
            loss = loss + iteration.penalty(kind, d, real, fake, logits[0])
    theirs = translated(ours["discriminator"], gradients(d, loss), channels)
    judge = lambda p: objectives.discriminator_loss(p, d_vectors, nhwc(real), nhwc(fake), Replay(recorder))
    (our_loss, our_logits), found = jax.jit(jax.value_and_grad(judge, has_aux=True))(d_params)
    results["logits"] = difference(jnp.concatenate(our_logits), torch.cat(logits).detach())
    results["loss of D"] = difference(our_loss, loss.detach())
    results["gradients of D"] = tree_difference(found, theirs)

    d.requires_grad_(False)
    if improved:
        d.prepare()
    with Recorder() as recorder:
        loss = iteration.LOSSES[config["loss"]][1](d(g(z)))
    theirs = translated(ours["generator"], gradients(g, loss), channels)
    g_vectors = power_iteration(g_params, g_vectors)
    if family.SPECTRAL_NORM == "every phase":
        d_vectors = power_iteration(d_params, d_vectors)
    fool = lambda p: objectives.generator_loss(p, g_vectors, d_params, d_vectors, latents, Replay(recorder), statistics)
    (our_loss, _), found = jax.jit(jax.value_and_grad(fool, has_aux=True))(g_params)
    results["loss of G"] = difference(our_loss, loss.detach())
    results["gradients of G"] = tree_difference(found, theirs)
    return results


def main():
    failed = False
    jax.config.update("jax_enable_x64", True)
    torch.set_default_dtype(torch.float64)
    for file in sys.argv[1:]:
        config = json.loads(pathlib.Path(file).read_text())
        results = check(config)
        wrong = [name for name, each in results.items() if not each <= TOLERANCE]
        failed = failed or len(wrong) > 0
        shown = ", ".join(f"{name} {each:.1e}" for name, each in results.items())
        print(f"{config['family']}: {'DIFFERS in ' + ', '.join(wrong) if wrong else 'agrees'}: {shown}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
