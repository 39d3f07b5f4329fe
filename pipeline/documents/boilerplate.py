"""What the markup of an element says about it: hidden, a caption, or something else than content, with a reason.

Tables of tags, roles and names; nothing here knows a site. What a name says is only believed of small parts of a page:
`content` decides.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

# Elements that never hold the text of a page, with all that is in them.
SKIPPED_TAGS = frozenset(
    [
        # code and data for the browser
        *("script", "style", "template", "svg", "annotation", "annotation-xml"),
        # other documents and players, and what stands in for them
        *("iframe", "frame", "frameset", "noframes", "object", "embed", "applet", "video", "audio", "canvas", "map"),
        # controls
        *("button", "select", "datalist", "textarea", "input", "progress", "meter", "dialog", "menu"),
        # what AMP has instead of other frames and of dialogs
        *("amp-ad", "amp-embed", "amp-sidebar", "amp-consent"),
        # pronunciation beside the text it belongs to
        *("rt", "rp"),
    ]
)

# Elements that say themselves that they are not the content (HTML standard, "sections" and "forms").
BOILERPLATE_TAGS = {
    "nav": "navigation",
    "aside": "aside",  # unless it is called a quote, as forums have them in posts
    "form": "form",
    "header": "page_header",  # not inside article or main
    "footer": "page_footer",  # not inside a quotation
}
# WAI-ARIA 1.2 landmark and widget roles.
BOILERPLATE_ROLES = {
    "navigation": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "directory": "navigation",
    "banner": "page_header",
    "contentinfo": "page_footer",
    "complementary": "aside",
    "search": "form",
    "form": "form",
    "toolbar": "controls",
    "dialog": "dialog",
    "alertdialog": "dialog",
}
# Whole words of id and class, the field's usual ones in English markup.
BOILERPLATE_NAMES = {
    "navigation": r"[a-z]{0,8}nav|navbar|navigation|(?:main|sub)?menu|breadcrumbs?|pagination|"
    r"pager|paginator|toc",
    "page_header": r"masthead|topbar",
    "page_footer": r"(?:site|page)?footer|colophon|copyright",
    "consent": r"\w{0,8}cookie\w*|consent\w*|\w{0,8}gdpr\w*|dsgvo|ccpa|cmplz",
    "advertisement": r"ads?|adverts?|advertisements?|advertising|adsense|sponsored|sponsors?|promo|promos",
    "share": r"share|sharing|sharedaddy|shariff|addthis|addtoany|social|socials|sociable",
    "comments": r"comment(?!ary|ed|ator)\w*|kommentar(?:e|formular)?|comentarios?|komentarze|disqus|respond|livefyre",
    "related": r"related\w*|recommended|recommendations?|recirc|recirculation|outbrain|taboola|zergnet|trending|"
    r"teasers?|similar",
    "sidebar": r"sidebar|sidebars|widget|widgets",
    "newsletter": r"newsletters?|subscribe|signup|optin",
    "skip_link": r"skip|skiplink|skiplinks",
    "visually_hidden": r"visuallyhidden|noprint|noscript",
    "dialog": r"popup|modal|lightbox|overlay|dialog|flyout|offcanvas",
    "author": r"authors?|author(?:box|bio|card|info)|bylines?|bio|biography|vcard",
    # Who wrote a post, as forums tell beside it, and what others thought of it.
    "poster": r"user|userinfo|postprofile|postsignature|signature|reactions?|votes?|votecell",
    "metadata": r"meta|(?:post)?metadata|postmeta|tags|taglist|utility",
}
# Words beside which the words above mean something else: wrappers, and states of the whole page ("has-sidebar").
WRAPPER_WORDS = frozenset(
    ("body", "column", "columns", "content", "grid", "has", "hentry", "layout", "no", "open", "with", "without", "wrap")
)
# Visually hidden text is for screen readers: labels and skip links, not content.
SCREEN_READER_NAMES = re.compile(
    r"sr-only|visually-?hidden|screen-?reader|skip-?(?:link|to|nav)|offscreen", re.IGNORECASE
)
HIDDEN_STYLE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

# Tags whose id and class are read. Inline tags are not: their classes name looks and code tokens, not parts of a page.
NAMED_TAGS = frozenset(
    [
        *("div", "section", "nav", "aside", "header", "footer", "form", "details"),
        *("table", "td", "ul", "ol", "dl", "li", "p"),
    ]
)

CAPTION_NAMES = frozenset(("caption", "captions", "wpcaption", "imagecaption"))
MAX_NAMES = 20  # of one element that are read; utility classes come in dozens
MAX_NAME_CHARS = 100
MAX_NAMES_CHARS = 1_000  # of an id and all classes that are read, and kept in caches
WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
NUMBER = re.compile(r"[0-9]+")
NAME = re.compile("|".join(f"(?P<{reason}>{pattern})" for reason, pattern in BOILERPLATE_NAMES.items()))


def is_hidden(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether the markup hides an element (hidden, aria-hidden, inline style, screen-reader classes).

    Not the page itself, whose classes and styles change while it loads. An image that is hidden from screen readers but
    described is seen: formulas are such images beside their MathML.
    """
    if tag == "body" or tag == "html":
        return False
    classes, style = attributes.get("class"), attributes.get("style")
    if (classes and _is_for_screen_readers(classes[:MAX_NAMES_CHARS])) or (style and HIDDEN_STYLE.search(style)):
        return True
    if attributes.get("hidden", "until-found") != "until-found":
        return True
    return attributes.get("aria-hidden") == "true" and not attributes.get("alt")


@lru_cache(maxsize=8192)
def _is_for_screen_readers(classes: str) -> bool:
    return SCREEN_READER_NAMES.search(classes) is not None


def reason_of(
    tag: str, attributes: Mapping[str, str | None], names: str, *, inside_content: bool, inside_quote: bool
) -> str | None:
    """Why an element is not content, by its tag, role, id and class; None if nothing says so."""
    if tag in BOILERPLATE_TAGS and not (
        (tag == "header" and inside_content)
        or (tag == "footer" and inside_quote)
        or (tag == "aside" and "quote" in names.split())
    ):
        return BOILERPLATE_TAGS[tag]
    if role := attributes.get("role"):
        reason = BOILERPLATE_ROLES.get(role.strip().lower())
        if reason and not (reason == "page_header" and inside_content):
            return reason
    return _read_names(names[:MAX_NAMES_CHARS]).reason if tag in NAMED_TAGS else None


def telling_name(names: str) -> str:
    """The one of an element's id and classes that says why it is not content; where none does, the classes, or the id.
    Without numbers, since sections are counted ("toc-3"), but for comments, which are counted too, and are small."""
    return _read_names(names[:MAX_NAMES_CHARS]).telling or names.partition(" ")[2] or names


def is_caption(tag: str, names: str) -> bool:
    """Whether id and class say that an element is the caption of an image."""
    return (tag == "div" or tag == "p") and _read_names(names[:MAX_NAMES_CHARS]).is_caption


class _Naming(NamedTuple):
    """What id and class say: the first reason why an element is not content and the name that gives it, and whether the
    element is a caption."""

    reason: str | None
    telling: str | None
    is_caption: bool


@lru_cache(maxsize=16384)
def _read_names(names: str) -> _Naming:
    reason, telling, is_caption = None, None, False
    for name in names.split()[:MAX_NAMES]:
        words = [word.lower() for word in WORD.findall(name[:MAX_NAME_CHARS])]
        is_caption = is_caption or not CAPTION_NAMES.isdisjoint(words)
        if reason is None and WRAPPER_WORDS.isdisjoint(words):
            reason = next(filter(None, map(_reason_of_word, words)), None)
            if reason:
                telling = name if reason == "comments" else NUMBER.sub("", name)
    return _Naming(reason, telling, is_caption)


@lru_cache(maxsize=16384)  # ever other names are made of the same words
def _reason_of_word(word: str) -> str | None:
    found = NAME.fullmatch(word)
    return found.lastgroup if found else None
