"""Images that an element has behind its text: by its own `style`, or because a script puts them there."""

import re
from itertools import islice

from turbohtml.cssom import StyleDeclaration

from pipeline.documents.tree import Attributes

MAX_LAYERS = 10  # of one element; a photograph has a gradient or a pattern above it
# Where scripts keep the address until the element is seen: lazysizes and vanilla-lazyload, lozad.
LAZY_BACKGROUNDS = ("data-bg", "data-background-image")
# CSS Values and Units 3, section 4.5 (url()), and CSS Syntax 3, section 4.3.7 (escapes).
URL_FUNCTION = re.compile(
    r"""url\(\s*+(?:"((?:[^"\\]|\\.)*+)"|'((?:[^'\\]|\\.)*+)'|((?:[^\s"'()\\]|\\[0-9a-f]{1,6}\s|\\.)*+))\s*+\)""",
    re.IGNORECASE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|\r?\n|(.))", re.IGNORECASE | re.DOTALL)
WHOLE_PAGE = ("html", "body")  # what is behind them decorates the page
# A lazy attribute's value without url(); others name colours and themes.
ADDRESS = re.compile(r"[^(/]*+/[^(]*|[^(\s]+\.(?:jpe?g|png|gif|webp|avif)", re.IGNORECASE)


def background_images(attributes: Attributes) -> list[Attributes]:
    """The attributes of `<img>` elements that would show what is behind an element with `attributes`, topmost first.

    What a script will put there replaces what is there before. Gradients are no images.
    """
    style = attributes.get("style") or ""
    for value in (*map(attributes.get, LAZY_BACKGROUNDS), _background(style)):
        if value and (addresses := _addresses(value)):
            described = {"title": attributes.get("title"), "alt": attributes.get("aria-label"), "style": style}
            return [{"src": address, **described} for address in addresses]
    return []


def _background(style: str) -> str | None:
    """What a `style` says of the element's background."""
    if "background" not in style.lower():
        return None
    declared = StyleDeclaration.parse(style)
    return declared.get("background-image") or declared.get("background")


def _addresses(value: str) -> list[str]:
    layers = islice(URL_FUNCTION.finditer(value), MAX_LAYERS)
    if addresses := [ESCAPE.sub(_unescaped, layer[1] or layer[2] or layer[3] or "") for layer in layers]:
        return addresses
    return [value] if ADDRESS.fullmatch(value) else []


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2] or ""
    code_point = int(escape[1], 16)
    is_character = 0 < code_point <= 0x10FFFF and not 0xD800 <= code_point <= 0xDFFF
    return chr(code_point) if is_character else "\N{REPLACEMENT CHARACTER}"
