"""Image URLs as a browser would ask for them (the parts of the WHATWG URL standard that crawled pages need)."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import idna

MAX_URL_CHARS = 8_000  # RFC 9110 section 4.1: what every recipient should support

# Characters that a URL's path and query keep as they are (RFC 3986 reserved and unreserved, and % of what is encoded).
SAFE = "%/:=&?~+!$,;'@()*[]|-._"
IGNORED = re.compile(r"[\t\n\r\x00]")  # the URL standard drops these wherever they stand


def resolve(raw: str, base: str) -> str | None:
    """The absolute http(s) URL that `raw`, found on a page whose base URL is `base`, stands for; None if there is none.

    Surrounding white space and the fragment go, spaces and non-ASCII characters are percent-encoded as UTF-8, and
    international host names become punycode. Ports, userinfo, IP addresses and commas are kept.
    """
    raw = IGNORED.sub("", raw).strip()
    if not raw or len(raw) > MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(urljoin(base, raw.replace("\\", "/")))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    if not re.fullmatch(r"[a-z0-9._:-]+", host):
        return None
    userinfo, at, _ = parts.netloc.rpartition("@")
    location = quote(userinfo, safe=SAFE) + at + (f"[{host}]" if ":" in host else host)
    if port is not None:
        location += f":{port}"
    url = urlunsplit((parts.scheme, location, quote(parts.path or "/", safe=SAFE), quote(parts.query, safe=SAFE), ""))
    return url if len(url) <= MAX_URL_CHARS else None
