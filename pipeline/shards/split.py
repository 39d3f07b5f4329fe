"""Train or validation: by the site, so that no site is on both sides."""

import hashlib


def split_of(site: str, validation_share: float) -> str:
    """`validation` for about `validation_share` of all sites, by hash, else `train`."""
    draw = int.from_bytes(hashlib.sha256(f"split:{site}".encode()).digest()[:8]) / 2**64
    return "validation" if draw < validation_share else "train"
