"""A row's text and image positions as tokens (Flamingo, arXiv 2204.14198).

    <BOS>Cute pics of my pets!<EOC><image>My puppy sitting in the grass.<EOC><image> My cat ...<EOC><EOS>

`<EOC>`, the only new token, stands before every image, the first included, and at the end of the document. `<image>`
is plain text in the tokens of the existing vocabulary; it is tokenised by itself, so that its tokens are always the
same. White space around an image is layout, not text, and is dropped; one space, or none, is put after `<image>`,
because tokenizers treat a word with and without a leading space as different.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from model.language_model import Vocabulary

IMAGE_TAG = "<image>"


@dataclass(frozen=True)
class MarkedText:
    """Tokens of a whole row; `tags[i]` is the token span (start, end) of image i's `<image>`."""

    tokens: list[int]
    tags: list[tuple[int, int]]


def mark_up(text: str, positions: Sequence[int], spaces: Sequence[bool], vocabulary: Vocabulary) -> MarkedText:
    """`positions`: where images stand in `text`, in code points, never decreasing; `spaces`: one after the i-th tag?"""
    tag = vocabulary.encode(IMAGE_TAG)
    starts, ends = [0, *positions], [*positions, len(text)]
    before_first, *after_image = (text[start:end].strip() for start, end in zip(starts, ends, strict=True))
    tokens, tags = [vocabulary.bos_id, *vocabulary.encode(before_first)], []
    for piece, space in zip(after_image, spaces, strict=True):
        tokens.append(vocabulary.eoc_id)
        tags.append((len(tokens), len(tokens) + len(tag)))
        tokens += tag
        tokens += vocabulary.encode(" " + piece if space and piece else piece)
    return MarkedText([*tokens, vocabulary.eoc_id, vocabulary.eos_id], tags)
