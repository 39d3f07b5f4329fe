"""From a marked-up row to one training window (Flamingo, arXiv 2204.14198): tokens, media indices, labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from model.data.markup import MarkedText
from model.loss import IGNORED


@dataclass(frozen=True)
class Window:
    """`phi` and `labels` are as long as `tokens`; `images` are the row's images that phi's 1, 2, ... stand for."""

    tokens: list[int]
    phi: list[int]
    labels: list[int]
    images: list[int]


def media_indices(tags: Sequence[tuple[int, int]], length: int, *, next_image: bool) -> list[int]:
    """phi [length]: for every token the image that it sees, counted from 1, 0 for none.

    `tags` are the token spans (start, end) of the images, in order. A token sees the last image whose tag started at
    or before it or, with `next_image`, the first image whose tag has not ended; what follows the last tag then sees
    none.
    """
    phi = [0] * length
    for number, (start, _) in enumerate(tags, 1):
        end_of_previous = tags[number - 2][1] if number > 1 else 0
        end_of_sight = tags[number][0] if number < len(tags) else length
        first, last = (end_of_previous, tags[number - 1][1]) if next_image else (start, end_of_sight)
        phi[first:last] = [number] * (min(last, length) - min(first, length))
    return phi


def cut_window(marked: MarkedText, start: int, length: int, max_images: int, *, next_image: bool) -> Window:
    """The window of up to `length` tokens from `start`, with the first `max_images` images that begin in it.

    An image before the window is not seen, not even by its own text. A token whose image is one too many sees none.
    Every text token has a loss, also before the first image, and so have `<EOC>` and `<EOS>`; the tokens of `<image>`
    have none: they are markup that follows from the page's layout, and nobody asks the model to write them.
    """
    tokens = marked.tokens[start : start + length]
    inside = [number for number, (begin, _) in enumerate(marked.tags) if start <= begin < start + len(tokens)]
    tags = [(marked.tags[number][0] - start, marked.tags[number][1] - start) for number in inside]
    phi = media_indices(tags, len(tokens), next_image=next_image)
    labels = list(tokens)
    for begin, end in marked.tags:
        for at in range(max(begin - start, 0), min(end - start, len(tokens))):
            labels[at] = IGNORED
    return Window(tokens, [number if number <= max_images else 0 for number in phi], labels, inside[:max_images])
