"""The tags of HTML by what they are to the reading of a page."""

from pipeline.documents.boilerplate import SKIPPED_TAGS
from pipeline.documents.videos import VIDEO_ELEMENTS

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
LISTS = frozenset(("ul", "ol", "dl", "dir"))
BLOCKS = frozenset(
    [
        *HEADINGS,
        *LISTS,
        *("html", "body", "main", "article", "section", "nav", "aside", "header", "footer", "hgroup", "search"),
        *("div", "p", "center", "address", "blockquote", "hr", "pre", "listing", "plaintext", "xmp", "li", "dt", "dd"),
        *("figure", "figcaption", "details", "summary", "form", "fieldset", "legend"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
    ]
)
PREFORMATTED = frozenset(("pre", "listing", "plaintext", "xmp"))
CAPTIONS = frozenset(("figcaption", "caption"))
IMAGES = frozenset(("img", "amp-img"))
DECLARATIONS = frozenset(("meta", "link", "time"))
PLAYED = frozenset(("source", "param", "embed", "iframe", "object", "video"))  # instead of an <object>, or by it
READ_THOUGH_SKIPPED = DECLARATIONS | PLAYED | {"a", "script"}
# What an element is to the walk. Others are but their text.
BLOCK, SKIP, MARK = 1, 2, 3
ROLES = {
    **dict.fromkeys(("a", "br", "meta", "link", "time", "noscript", "picture", "source", "title", "base"), MARK),
    **dict.fromkeys(IMAGES, MARK),
    **dict.fromkeys(SKIPPED_TAGS | VIDEO_ELEMENTS, SKIP),
    **dict.fromkeys(BLOCKS, BLOCK),
}
