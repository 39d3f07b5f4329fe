"""Which documents parts become one pack unit: a function of their names alone, that adding parts disturbs little."""

import hashlib
from collections.abc import Iterable


def group_parts(names: Iterable[str], parts_per_group: int) -> list[list[str]]:
    """Consecutive names, sorted; a group ends at every name whose hash says so, one in `parts_per_group`.

    Content-defined like this, a new part changes the group it falls into and no other. No group is longer than four
    times `parts_per_group`, which bounds what a worker does at once; in the rare stretch between two such hashes that
    is longer, a new part may move the ends of all its groups.
    """
    groups: list[list[str]] = [[]]
    for name in sorted(names):
        groups[-1].append(name)
        draw = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
        if draw % parts_per_group == 0 or len(groups[-1]) == 4 * parts_per_group:
            groups.append([])
    return [group for group in groups if group]
