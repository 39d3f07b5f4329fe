"""A page that tries everything: markup, attributes, addresses, terminal sequences, directions, odd files as images."""

from tests.pipeline.report.corpora import Page, Picture, picture_bytes

PROOF = "data-owned"  # an attribute of the root element that any script of the page's would set
SCRIPT = f"document.documentElement.setAttribute('{PROOF}','1')"
BEACON = "http://beacon.example"

MARKUP = f"<script>{SCRIPT}</script><img src={BEACON}/text.png onerror={SCRIPT}><b>bold</b> &lt;i&gt; {{{{ 7 * 7 }}}}"
QUOTES = f'"\' onload="{SCRIPT}" style="background:url({BEACON}/style.png)"><img src=\'{BEACON}/quotes.png\'>'
ESCAPES = (
    "\x1b[2J\x1b[31mred\x1b[0m \x1b]8;;http://beacon.example/osc\x07link\x1b]8;;\x07 \x9b1mbold\x00 [bold]rich[/bold]"
)
RIGHT_TO_LEFT = "הטקסט הזה נקרא מימין לשמאל, 2024."
OVERRIDE = "\u202egnp.exe"
SVG = (
    f"<svg xmlns='http://www.w3.org/2000/svg'><script>{SCRIPT}</script><image href='{BEACON}/svg.png'/></svg>".encode()
)
HTML = f"<!DOCTYPE html><script>{SCRIPT}</script>".encode()

SECTIONS = [
    f"Section one. {MARKUP}",
    f"Section two. {QUOTES}",
    f"Section three. {ESCAPES}",
    f"{RIGHT_TO_LEFT} {OVERRIDE}",
    "- Section five, in a list\n- </li></ul><script>alert(1)</script>",
    "Section six | in | a table\n<td> | \"quoted\" | 'single'",
    "Section seven\nof two lines",
    "Section eight",
    "Section nine",
    "Section ten",
    "The end.",
]
ADDRESSES = [
    f"javascript:{SCRIPT}",
    f"JavaScript:{SCRIPT}",
    "https://example.org/a.png?x=\"><script>alert(1)</script>&y='",
    "data:text/html,<script>alert(1)</script>",
    "https://example.org/fine.png",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "urn:sha256:" + "0" * 64,
    " https://example.org/space.png",
    f"{BEACON}/image.png",
]
COLOURS = ["red", "green", "blue", "yellow", "cyan", "magenta", "black", "white", "orange", "purple"]


def hostile_page() -> Page:
    """Ten images, one after each section but the last: two are no image, one of these SVG and one HTML."""
    text = "\n\n".join(SECTIONS)
    pictures = []
    position = 0
    for number, section in enumerate(SECTIONS[:-1]):
        position += len(section) + 2  # the image stands before the next section
        data = {3: SVG, 7: HTML}.get(number) or picture_bytes(COLOURS[number])
        pictures.append(Picture(position, data, ADDRESSES[number], alt=f"alt {number} {QUOTES}", caption=MARKUP))
    return Page(text, pictures, url=f"javascript:{SCRIPT}//", title=f"{MARKUP} {QUOTES} {ESCAPES}", language='en" x="')
