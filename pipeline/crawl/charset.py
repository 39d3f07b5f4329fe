"""Bytes of an HTML page to text, as browsers do it, but believing the bytes more than a declaration they contradict."""

import re
from collections.abc import Iterator

import webencodings
from turbohtml.detect import Detection, detect

# Where a <meta> that declares the charset may end; the HTML standard asks for 1,024 bytes, real pages exceed it.
PRESCAN_BYTES = 4096
DETECT_BYTES = 1 << 18  # beyond this, more text makes no guess better
MAX_BAD_SHARE = 0.1  # undecodable to other non-ASCII characters, from which on a declaration plainly does not fit

# Markup is ASCII, so UTF-16 without a byte order mark is known by the zeros in a page's first tag.
UTF_16_STARTS = (
    (re.compile(rb"(?:[ \t\r\n]\0)*<\0[a-zA-Z!?]\0"), "utf-16le"),
    (re.compile(rb"(?:\0[ \t\r\n])*\0<\0[a-zA-Z!?]"), "utf-16be"),
)
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s;\"',]+)", re.IGNORECASE)
COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
META_CHARSET = re.compile(rb"<meta\s[^>]{0,500}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.+-]{1,40})", re.IGNORECASE)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def decode_html(body: bytes, content_type_header: str | None) -> tuple[str, str]:
    """The text of a page without NUL characters, and the charset it was read as (a name of the Encoding Standard).

    1. A byte order mark decides, or a first tag in UTF-16.
    2. Else bytes that are valid UTF-8 and not ASCII are UTF-8, whatever is declared: by chance that does not happen.
    3. Else the HTTP header, then the page's `<meta>`, if the bytes fit what they say.
    4. Else what the bytes look like (chardetng's method, in turbohtml).

    Bytes that still cannot be decoded become U+FFFD. Never raises.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _decode(body[len(mark) :], name), name
    for start, name in UTF_16_STARTS:
        if start.match(body):
            return _decode(body, name), name
    if not body.isascii():
        try:
            return body.replace(b"\0", b"").decode(), "utf-8"
        except UnicodeDecodeError:
            pass
    for declared in _declared(body, content_type_header):
        text = _decode(body, declared)
        if _fits(body, text, declared):
            return text, declared
    name = _detected(body)
    return _decode(body, name), name


def _decode(body: bytes, name: str) -> str:
    # turbohtml registers the Encoding Standard's decoders, which differ from Python's for Big5, GBK and others.
    return body.decode(f"whatwg-{name}", "replace").replace("\0", "")


def _lookup(label: str) -> str | None:
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name == "replacement":
        return None
    return "windows-1252" if encoding.name == "x-user-defined" else str(encoding.name)


def _declared(body: bytes, content_type_header: str | None) -> Iterator[str]:
    if name := _header_charset(content_type_header):
        yield name
    if name := _meta_charset(body):
        yield name


def _header_charset(content_type_header: str | None) -> str | None:
    found = HEADER_CHARSET.search(content_type_header or "")
    return _lookup(found[1]) if found else None


def _meta_charset(body: bytes) -> str | None:
    found = META_CHARSET.search(COMMENT.sub(b"", body[:PRESCAN_BYTES]))
    name = _lookup(found[1].decode("ascii")) if found else None
    return "utf-8" if name in ("utf-16le", "utf-16be") else name  # it could not have been read, were it true


def _fits(body: bytes, text: str, name: str) -> bool:
    if name in ("utf-16le", "utf-16be"):
        return b"\0" in body[:PRESCAN_BYTES]  # markup is ASCII, so every other byte of UTF-16 is zero
    text = text.rstrip(REPLACEMENT)  # a crawler cut the last character
    bad = text.count(REPLACEMENT)
    if name == "utf-8":
        bad -= body.count(REPLACEMENT.encode())  # the page's own
    if bad <= 0:
        return True
    good = len(text) - text.count(REPLACEMENT) - len(text.encode("ascii", "ignore"))
    return bad <= MAX_BAD_SHARE * good


def _detected(body: bytes) -> str:
    # A <meta> would decide in `detect`; it has been tried, so its name is hidden.
    sample = META_CHARSET.sub(b"<meta ", body[:PRESCAN_BYTES]) + body[PRESCAN_BYTES:DETECT_BYTES]
    name = (detect(sample).encoding or "windows-1252").lower()
    if name != "utf-8":
        return name
    if _fits(body, _decode(body, name), name):
        return name
    return (detect(sample, Detection(excluded=frozenset({"UTF-8"}))).encoding or "windows-1252").lower()
