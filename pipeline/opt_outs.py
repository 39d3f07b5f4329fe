"""What a page or an image says against its use: robots directives and TDM reservation, in headers and `<meta>`."""

import re
from collections.abc import Iterable, Iterator

# Directives that count. `none` is "noindex, nofollow" (Google's robots meta tag specification), `noai` and `noimageai`
# are DeviantArt's of 2022, `noml` is Mojeek's word for `noai`.
DIRECTIVES = {
    "noindex": "noindex",
    "none": "noindex",
    "noimageindex": "noimageindex",
    "noai": "noai",
    "noml": "noai",
    "noimageai": "noimageai",
}
# Whom directives may be addressed to so that all of them count for us: everybody, Common Crawl, whose captures we
# read, and this program. What is addressed to another robot (`googlebot: noindex` keeps a page out of one search
# engine) is not said to us, but for the words on training: they say what the owner objects to, whoever is named.
OUR_NAMES = frozenset(("robots", "*", "ccbot", "m3w"))
ON_TRAINING = frozenset(("noai", "noimageai"))
# Names of other robots in <meta name>: googlebot, bingbot, GPTBot, Google-Extended, anthropic-ai and the like. Without
# this, a page whose keywords are "noai" would opt out.
ROBOT_NAME = re.compile(r"[\w-]{0,40}(?:bot|spider|crawler|-ai|-extended)(?:-\w{1,40})?")
# Directives with a value, which may hold a directive's word (`max-image-preview: none`), or commas and colons (a date),
# and whose names would else be taken for robots.
VALUED = re.compile(r"max-[a-z-]+\s*:\s*[^\s,;]*|unavailable_after\s*:[^,;]*")
ADDRESSEE = re.compile(r"\s*([a-z*][\w.*-]*)\s*:")
MAX_CHARS = 4_000  # of one header or meta that are read; the longest <meta> of 715 pages has 72


def header_opt_outs(headers: Iterable[tuple[str, str]]) -> set[str]:
    """Opt-outs in HTTP headers: `X-Robots-Tag`, and `tdm-reservation` of the W3C's TDM Reservation Protocol (2024)."""
    found: set[str] = set()
    for name, value in headers:
        match name.lower():
            case "x-robots-tag":
                found |= robots_opt_outs(value)
            case "tdm-reservation" if value.strip() == "1":
                found.add("tdm_reservation")
    return found


def meta_opt_outs(name: str, content: str) -> set[str]:
    """Opt-outs in a `<meta>` with this lower-case name; none of a `<meta>` that is about something else."""
    if name in OUR_NAMES or ROBOT_NAME.fullmatch(name):
        return robots_opt_outs(content, name)
    return {"tdm_reservation"} if name == "tdm-reservation" and content.strip() == "1" else set()


def robots_opt_outs(value: str, addressee: str = "robots") -> set[str]:
    """Opt-outs in one robots value, which is addressed to `addressee` until it names another robot.

    `noindex, googlebot: nofollow, noai` tells everybody `noindex`, and googlebot the rest. Values are read leniently:
    white space and semicolons part directives as commas do, and no directive takes back another.
    """
    found: set[str] = set()
    for robot, directive in _directives(value[:MAX_CHARS].lower(), addressee):
        if (opt_out := DIRECTIVES.get(directive)) and (robot in OUR_NAMES or opt_out in ON_TRAINING):
            found.add(opt_out)
    return found


def _directives(value: str, robot: str) -> Iterator[tuple[str, str]]:
    """Each directive of a lower-case value and the robot that it is addressed to."""
    for item in re.split("[,;]", VALUED.sub(" ", value)):
        start = 0
        if named := ADDRESSEE.match(item):
            robot, start = named[1], named.end()
        yield from ((robot, directive) for directive in item[start:].split())
