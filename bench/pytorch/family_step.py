"""One training iteration of a family in PyTorch, as a worker process for the benchmark beside it; worker.py has the protocol.

The configuration is the first argument, as JSON: the model record of a preset, "family" (a module beside this one with Generator and
Discriminator), "imageShape", "latentSize", "batch", "threads" and what iteration.py reads."""

import importlib
import json
import sys

import torch
from iteration import Iteration
from worker import serve


def main():
    config = json.loads(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(config["threads"])
    torch.set_default_device(config["device"])
    family = importlib.import_module(config["family"])
    height, width, channels = config["imageShape"]
    iteration = Iteration(family.Generator(config["model"]), family.Discriminator(config["model"]), config)
    real = torch.rand(config["batch"], channels, height, width) * 2 - 1
    serve(lambda: iteration.step(real.clone()))


if __name__ == "__main__":
    main()
