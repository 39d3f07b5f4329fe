"""Random numbers that depend on their key alone: the same on every machine and however often a run was resumed."""

import random


def draw(seed: int, epoch: int, *key: str | int) -> random.Random:
    """A generator for one choice, such as `draw(seed, epoch, "window", document_id, part_index)`."""
    return random.Random("/".join(map(str, (seed, epoch, *key))))  # a text seeds by its SHA-512
