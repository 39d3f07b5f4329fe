"""URLs as a browser asks for them: the URL standard (url.spec.whatwg.org), by the parser that Node.js is built on."""

from ada_url import join_url

MAX_URL_CHARS = 8_000  # RFC 9110 section 4.1: what every recipient should support
C0_CONTROL_OR_SPACE = "".join(map(chr, range(0x21)))  # the URL standard drops these at both ends


def resolve(raw: str, base: str) -> str | None:
    """The absolute http(s) URL that `raw`, found on a page whose base URL is `base`, stands for; None if there is none.

    The fragment goes; commas, userinfo and what is already percent-encoded stay. An empty `raw` is no URL here, though
    it stands for the page to a browser, and so is one that is longer than `MAX_URL_CHARS`, before or after.
    """
    raw = raw.strip(C0_CONTROL_OR_SPACE)
    if not raw or len(raw) > MAX_URL_CHARS:
        return None
    try:
        url = join_url(base, raw)
    except ValueError:
        return None
    url = url.partition("#")[0]
    return url if url.startswith(("http://", "https://")) and len(url) <= MAX_URL_CHARS else None
