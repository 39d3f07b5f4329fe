"""Unicode's normal form NFC (UAX #15), in linear time."""

import re
import unicodedata

# Marks that follow one another are put in order, and Python's way of doing that is quadratic in their number: a million
# would take hours. Letters of all languages have fewer than 30 (UAX #15, section 13, Stream-Safe Text Format).
MAX_MARKS = 100
# What is neither letter, digit, white space nor ASCII: marks, and punctuation, for which it makes no difference.
MARK = r"[^\w\s\x00-\x7f]"
TOO_MANY_MARKS = re.compile(rf"(?<!{MARK})({MARK}{{{MAX_MARKS}}}){MARK}++")
LONG_WORD_CHARS = 1_000  # hardly a text has a longer one, and too many marks are part of one


def normalized(text: str) -> str:
    """The text in NFC, but of more than `MAX_MARKS` marks in a row in a long word the first alone."""
    if text.isascii():
        return text
    long_lines = (line for line in text.split("\n") if len(line) > LONG_WORD_CHARS)
    if any(len(word) > LONG_WORD_CHARS for line in long_lines for word in line.split()):
        text = TOO_MANY_MARKS.sub(r"\1", text)
    return unicodedata.normalize("NFC", text)
