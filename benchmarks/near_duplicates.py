"""Near-duplicates among real documents with planted edits: what is found, what is merged wrongly, and how fast.

    pip install -e '.[bench]'
    python benchmarks/near_duplicates.py PAGES.warc.gz...

Against datatrove's MinHash in the same run, on the same texts, in one process: once as it is configured by default (14
bands of 8), and once with as many permutations as ours (16 bands of 8). Documents are what extract makes of the pages;
each is planted again with 1 to 20 % of its words replaced, dropped or followed by another document's. A pair is found
if two documents share a band, and with ours, if their sketches tell a similarity of at least the recipe's; the truth
is the Jaccard similarity of the sets of 5-grams of words.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from itertools import combinations, pairwise
from pathlib import Path

import pyarrow.parquet as pq
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

from pipeline.documents.near_duplicates import PERMUTATIONS, bands, similarity, sketch
from pipeline.recipe import Recipe

SHARES = (0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
MIN_WORDS = Recipe().min_words

Pair = tuple[int, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="+", help="WARC files with pages")
    parser.add_argument("--documents", type=int, default=150, help="how many are planted again")
    asked = parser.parse_args()
    chance = random.Random(1)
    originals = sorted(real_texts(asked.pages))
    chance.shuffle(originals)
    vocabulary = [word for text in originals for word in text.split()]
    texts, families = [], []
    for text in originals[: asked.documents]:
        families.append(range(len(texts), len(texts) + 1 + len(SHARES)))
        texts += [text, *(edited(text, share, vocabulary, chance) for share in SHARES)]
    texts += originals[asked.documents :]
    shingles = [set(zip(*(words[n:] for n in range(5)), strict=False)) for words in map(words_of, texts)]
    print(f"{len(texts)} documents, {sum(map(len, map(words_of, texts))) / len(texts):.0f} words each")

    ours = report("m3w (16 bands of 6, compared)", our_pairs, texts, families, shingles)
    for name, (buckets, rows) in {"by default": (14, 8), f"with {PERMUTATIONS}": (16, 8)}.items():
        config = MinhashConfig(n_grams=5, num_buckets=buckets, hashes_per_bucket=rows)
        theirs = report(f"datatrove {name}", lambda t, c=config: their_pairs(t, c), texts, families, shingles)
        print(f"  ours is {ours / theirs:.1f} times as fast")


def real_texts(pages: list[Path]) -> set[str]:
    """The different texts of the pages that are long enough to be kept."""
    with tempfile.TemporaryDirectory() as corpus:
        command = [str(Path(sys.executable).with_name("m3w")), "build", *map(str, pages), "--output", corpus]
        command += ["--stages", "extract", "--set", "languages=any", "--set", "require_image_candidate=false"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        parts = sorted(Path(corpus, "documents").glob("*.parquet"))
        texts = {text for part in parts for text in pq.read_table(part, use_threads=False)["text"].to_pylist()}
    return {text for text in texts if len(words_of(text)) >= MIN_WORDS}


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def edited(text: str, share: float, vocabulary: list[str], chance: random.Random) -> str:
    def edit(match: re.Match[str]) -> str:
        if chance.random() >= share:
            return match[0]
        return chance.choice([chance.choice(vocabulary), "", f"{match[0]} {chance.choice(vocabulary)}"])

    return re.sub(r"\S+", edit, text)


def our_pairs(texts: list[str]) -> tuple[set[Pair], float]:
    """The pairs that are found, and the seconds that sketches and bands took."""
    started = time.perf_counter()
    sketches = [sketch(text) for text in texts]
    keys = [bands(sketched) for sketched in sketches]
    elapsed_s = time.perf_counter() - started
    least = Recipe().near_duplicate_jaccard
    return {(a, b) for a, b in meeting(keys) if similarity(sketches[a], sketches[b]) >= least}, elapsed_s


def their_pairs(texts: list[str], config: MinhashConfig) -> tuple[set[Pair], float]:
    with tempfile.TemporaryDirectory() as folder:
        step = MinhashDedupSignature(folder, config)
        step.get_signature(step.get_shingles("What is loaded once is loaded before the clock starts."))
        started = time.perf_counter()
        signatures = [step.get_signature(step.get_shingles(text)) for text in texts]
        elapsed_s = time.perf_counter() - started
    return meeting([(band, *hashes) for band, hashes in enumerate(signature)] for signature in signatures), elapsed_s


def meeting(keys: Iterable[Iterable[Hashable]]) -> set[Pair]:
    """The pairs of documents that have a key in common."""
    buckets = defaultdict(list)
    for number, of_document in enumerate(keys):
        for key in of_document:
            buckets[key].append(number)
    return {pair for bucket in buckets.values() for pair in combinations(bucket, 2)}


def report(
    name: str,
    find: Callable[[list[str]], tuple[set[Pair], float]],
    texts: list[str],
    families: list[range],
    shingles: list[set[tuple[str, ...]]],
) -> float:
    """Print what `find` finds; returns documents a second."""

    def truth(pair: Pair) -> float:
        one, other = (shingles[number] for number in pair)
        return len(one & other) / len(one | other)

    found, elapsed_s = find(texts)
    print(f"\n{name}: {len(texts) / elapsed_s:.0f} documents/s")
    planted = {pair: truth(pair) for family in families for pair in combinations(family, 2)}
    for low, high in pairwise(BINS):
        there = [pair for pair, jaccard in planted.items() if low <= jaccard < high]
        print(f"  {low:.1f} to {min(high, 1):.1f}: {sum(p in found for p in there) / len(there):.4f} of {len(there)}")
    there = [pair for pair, jaccard in planted.items() if jaccard >= 0.8]
    print(f"  recall at 0.8 and above: {sum(pair in found for pair in there) / len(there):.4f}")
    print(f"  false merges under 0.5: {sum(truth(pair) < 0.5 for pair in found)} of {len(found)} pairs")
    return len(texts) / elapsed_s


if __name__ == "__main__":
    main()
