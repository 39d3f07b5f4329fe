"""Pages made at random: markup as sites write it, nested and long enough to have content and what is none."""

import re

from hypothesis import strategies as st

from pipeline.documents import tags
from pipeline.documents.boilerplate import SKIPPED_TAGS

TAG = re.compile(r"<[^<>]*>")
WORDS = "The ferry leaves at seven from the old pier, and in summer it comes back once more before the sun goes down"
SENTENCES = [" ".join(WORDS.split()[:count]) + mark for count in (1, 3, 9, 21) for mark in ("", ".")]
OTHER_TEXTS = [
    *(WORDS * 2 + ".", "Ähre &amp; Öl.", "渡船早上七点从老码头出发。" * 3, "A", "¶", "#", "|", "\ue000"),
    *("a &lt;b&gt;", "1 < 2", "x\x00y", "&#13;", "&#x80;", "&nosuch;"),
]
SPACES = ["", " ", "\n", "\n  ", "&nbsp;", "\u3000", "\t", "\r\n", "\f", "&shy;"]
TEXTS = st.tuples(
    st.sampled_from(SPACES), st.sampled_from([*SENTENCES, *OTHER_TEXTS]), st.sampled_from(SPACES)
).map("".join)  # fmt: skip

NAMES = ["nav", "sidebar", "comments", "content", "related", "caption", "wp-caption", "sr-only", "main", "share", "a b"]
ATTRIBUTES = st.one_of(
    st.sampled_from(["", "", "", "", " hidden", " aria-hidden=true", " hidden=until-found"]),
    st.builds(' class="{}"'.format, st.sampled_from(NAMES)),
    st.builds(" id={}".format, st.sampled_from(["nav", "footer", "top", "comments"])),
    st.builds(
        ' style="{}"'.format,
        st.sampled_from(["display:none", "width: 20px", "color:red;visibility: hidden", "background:url(z.jpg)"]),
    ),
    st.builds(" role={}".format, st.sampled_from(["main", "navigation", "presentation", "banner", "search"])),
    st.builds(" start={}".format, st.sampled_from(["3", "x", ""])),
    st.just(' itemscope itemtype="http://schema.org/ImageObject" itemid="named.jpg"'),
)
IMAGES = st.sampled_from(
    [
        *("<img src=a.jpg>", "<img src=b.png alt='A ferry at sea'>", "<img src=a.jpg title=T>", "<img alt=x>"),
        *("<img srcset='c.jpg 300w, d.jpg 900w' src=c.jpg>", "<img data-src=e.jpg>", "<img src=i.jpg hidden>"),
        *("<img src=blank.gif data-src=f.jpg>", "<img src=g.gif width=1 height=1>", "<amp-img src=h.jpg></amp-img>"),
    ]
)
VOID = st.sampled_from(
    [
        *("<br>", "<br/>", "<br>\n<br>", "<hr>", "<wbr>", "<!-- comment -->", "<input type=text>"),
        "<iframe src=https://www.youtube.com/embed/abcdefghijk></iframe>",
        "<video poster=p.jpg><source src=v.webm type=video/webm><source src=v.mp4><p>No video.</p></video>",
        "<script>if (a < b) document.write('<p>x</p>')</script>",
        '<script type=application/ld+json>{"@type": "Article", "datePublished": "2021-02-03"}</script>',
        "<style>p {color: red}</style>",
        "<svg><title>Icon</title><a href=x><text>Icon</text></a></svg>",
        "<math><mi>x</mi><mo>=</mo><mn>1</mn></math>",
        "<a rel=license href=https://creativecommons.org/licenses/by/4.0/>CC BY</a>",
        "<time datetime=2020-01-02 itemprop=datePublished>January</time>",
        "<textarea><p>a</textarea>",
        "<select><option>One<option>Two</select>",
    ]
)
# A caption below its image, by tag or by class, and tables of data.
FIGURES = st.one_of(
    st.builds("<figure>{}<figcaption>{}</figcaption></figure>".format, IMAGES, TEXTS),
    st.builds("<div>{}<p class=wp-caption-text>{}</p></div>".format, IMAGES, TEXTS),
)
ROWS = st.integers(1, 3).flatmap(
    lambda columns: st.lists(st.lists(TEXTS, min_size=columns, max_size=columns), min_size=1, max_size=4)
)
DATA_TABLES = ROWS.map(
    lambda rows: "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) for row in rows) + "</table>"
)
# What follows an article: linked headings, often below one of their own, with a line or nothing below each.
TEASERS = st.builds(
    "{}{}".format,
    st.sampled_from(["", "<h2>Related posts</h2>", "<h2>Related posts</h2><p>You may like:"]),
    st.lists(
        st.builds("<h3><a href=t.html>{}</a></h3><p>{}".format, st.sampled_from(SENTENCES), TEXTS),
        min_size=1,
        max_size=3,
    ).map("".join),
)
LEAVES = {
    "TEXT": TEXTS,
    "IMAGE": IMAGES,
    "VOID": VOID,
    "FIGURE": FIGURES,
    "DATA TABLE": DATA_TABLES,
    "SOURCE": st.sampled_from(["<source srcset='s.webp 2x' type=image/webp>", "<source srcset='t.jpg 600w'>"]),
}

BLOCKS = ("div", "section", "article", "p", "blockquote", "h1", "h2", "h3", "aside", "header", "nav", "main", "pre")
INLINE = (
    "b",
    "i",
    "a href=x.html",
    "span",
    "code",
    "font color=red",
    "sup",
    "a",
    "noscript",
    "ruby",
    "button",
    "center",
)
STRUCTURES = ("ul", "ol", "dl", "table", "figure", "picture", "details")
ANYTHING = (
    *(*BLOCKS, *INLINE, *STRUCTURES, *STRUCTURES),
    *(*["TEXT"] * 20, *["IMAGE"] * 5, *["VOID"] * 5, *["FIGURE"] * 3, *["DATA TABLE"] * 2),
)
# What stands in what.
CHILDREN = {
    "ul": ("li",),
    "ol": ("li",),
    "dl": ("dt", "dd"),
    "table": ("tr", "tr", "tbody", "thead", "caption"),
    "tbody": ("tr",),
    "thead": ("tr",),
    "tr": ("td", "td", "th"),
    "figure": ("IMAGE", "figcaption", *ANYTHING),
    "picture": ("IMAGE", "SOURCE"),
    "details": ("summary", *ANYTHING),
}
MAX_NESTING = 8
HEADS = st.lists(
    st.sampled_from(
        [
            *("<title>The ferry | Example</title>", "<meta charset=utf-8>", "<base href=/sub/>", "<base target=x>"),
            *("<meta property=og:title content='The ferry'>", "<link rel=canonical href=/canonical>"),
            *("<meta name=robots content=noai>", "<noscript><link rel=stylesheet href=x></noscript>"),
        ]
    ),
    max_size=4,
).map("".join)
STARTS = st.sampled_from(["<!DOCTYPE html>", "", "<!DOCTYPE html><html lang=de><head>"])
BODIES = st.sampled_from(["", "<body>", "</head><body class=home>"])


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page with up to six tags lost, or moved elsewhere, as they are when people write them."""
    html = draw(STARTS) + draw(HEADS) + draw(BODIES) + _content(draw, ANYTHING, 0)
    html += draw(st.one_of(st.just(""), TEASERS))
    for _ in range(draw(st.integers(0, 6))):
        tags = [tag.span() for tag in TAG.finditer(html)]
        if tags:
            start, end = draw(st.sampled_from(tags))
            place = draw(st.one_of(st.none(), st.sampled_from(tags)))
            tag, html = html[start:end], html[:start] + html[end:]
            if place:
                html = html[: place[0]] + tag + html[place[0] :]
    return html


def _content(draw: st.DrawFn, names: tuple[str, ...], nesting: int) -> str:
    parts = []
    for name in draw(st.lists(st.sampled_from(names), max_size=6 if nesting < 3 else 3)):
        tag = name.partition(" ")[0]
        if name in LEAVES:
            parts.append(draw(LEAVES[name]))
        elif nesting < MAX_NESTING:
            inside = _content(draw, CHILDREN.get(name, ANYTHING), nesting + 1)
            parts.append(f"<{name}{draw(ATTRIBUTES)}>{inside}</{tag}>")
    return "".join(parts)


# Tags that the extraction knows, and what formats a text.
TAGS = sorted(
    {*tags.BLOCKS, *tags.IMAGES, *SKIPPED_TAGS, "a", "br", "meta", "link", "time", "noscript", "picture", "source"}
    | {"title", "base", "sup", "ruby", "math", "head", "b", "i", "font", "span"}
)


@st.composite
def soups(draw: st.DrawFn) -> str:
    """Start and end tags of some elements in any order, with texts and images between them."""
    tags = draw(st.lists(st.sampled_from(TAGS), min_size=2, max_size=10))
    starts = st.builds("<{}{}>".format, st.sampled_from(tags), ATTRIBUTES)
    ends = st.builds("</{}>".format, st.sampled_from(tags))
    parts = st.lists(st.one_of(starts, starts, ends, TEXTS, IMAGES), max_size=40)
    return draw(STARTS) + "".join(draw(parts))
