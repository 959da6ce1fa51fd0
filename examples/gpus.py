#!/usr/bin/env python3
"""A pool of four GPUs: start as many jobs as you like; four run, each with a GPU of its own.

    gpus.py python3 train.py --epochs 10
"""
import itertools
import os
import subprocess
import sys

LOCKS = os.environ.get("LOKT_MOUNT", "/mnt/lokt") + "/locks/"
GPUS = 4

place = open(LOCKS + f"gpus@slots={GPUS}", "rb")  # waits for its turn
for gpu in itertools.cycle(range(GPUS)):  # one is free, or becomes so just now
    try:
        card = open(LOCKS + f"gpu-{gpu}@try", "rb")
        break
    except BlockingIOError:
        pass

# The job has both descriptors, so the GPU is taken for as long as any process of it lives.
sys.exit(subprocess.call(
    sys.argv[1:],
    pass_fds=(card.fileno(), place.fileno()),
    env={**os.environ, "CUDA_VISIBLE_DEVICES": str(gpu)},
))
