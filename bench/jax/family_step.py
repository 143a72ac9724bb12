"""One training iteration of a family in JAX on the CPU, as a worker process for the benchmark beside it; ../pytorch/worker.py has the
protocol. The first request compiles.

The configuration is the first argument, as JSON, and the same that ../pytorch/family_step.py reads: the model record of a preset, "family" (a
module beside this one), "imageShape", "latentSize", "batch", "threads" and what iteration.py reads. "precision" is "float32" (the default) or
"bfloat16": products and convolutions of bfloat16 with float32 sums, everything else in float32.

Threads: XLA's CPU client makes one pool, as large as PJRT_NPROC says when it starts, else as the process's processor affinity. XLA_FLAGS
does not limit it: --xla_cpu_multi_thread_eigen=false still runs on every core. So the variable is set before JAX is imported."""

import importlib
import json
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "pytorch"))
from worker import serve


def main():
    config = {"precision": "float32", **json.loads(sys.argv[1])}
    os.environ["PJRT_NPROC"] = str(config["threads"])
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    from iteration import compile_step, start

    family = importlib.import_module(config["family"])
    # "rbg" is XLA's own generator, which draws faster than JAX's default.
    key, images = jax.random.split(jax.random.key(0, impl="rbg"))
    state = start(family, config, key)
    real = jax.random.uniform(images, (config["batch"], *config["imageShape"])) * 2 - 1
    step = compile_step(family, config)

    def run():
        nonlocal state
        state = jax.block_until_ready(step(state, real))

    serve(run)


if __name__ == "__main__":
    main()
