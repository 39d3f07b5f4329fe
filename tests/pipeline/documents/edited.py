"""Texts that are edited word by word, and how alike they truly are."""

import re
from random import Random

WORDS = [first + vowel + last for first in "bcdfghjklm" for vowel in "aeiou" for last in "nrst"]


def random_text(random: Random, words: int) -> str:
    """Words of two syllables, of 40,000, in paragraphs of 40."""
    drawn = [random.choice(WORDS) + random.choice(WORDS) for _ in range(words)]
    return "\n\n".join(" ".join(drawn[start : start + 40]) for start in range(0, words, 40))


def edited(text: str, share: float, random: Random) -> str:
    """The text with about that share of its words replaced, dropped, or followed by another; blank lines stay."""

    def edit(match: re.Match[str]) -> str:
        if random.random() >= share:
            return match[0]
        other = random.choice(WORDS) + random.choice(WORDS)
        return random.choice([other, "", f"{match[0]} {other}"])

    return re.sub(r"\S+", edit, text)


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + 5]) for start in range(max(len(words) - 4, 1))}


def jaccard(one: str, other: str) -> float:
    """The Jaccard similarity of the sets of word 5-grams, by the definition."""
    left, right = shingles(one), shingles(other)
    return len(left & right) / len(left | right)
