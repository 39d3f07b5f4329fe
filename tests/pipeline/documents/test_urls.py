"""URLs by the WHATWG standard.

The expected values were checked against Node.js 20's `new URL(raw, base)`, which differs in one: it keeps a `^` in the
path, as the standard did when it came out.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.urls import MAX_URL_CHARS, resolve

BASE = "http://example.org/a/b.html?q#f"

# What is found on the page BASE, and what a browser asks for.
URLS = {
    # Relative to the page
    "c.jpg": "http://example.org/a/c.jpg",
    "./c.jpg": "http://example.org/a/c.jpg",
    "../../c.jpg": "http://example.org/c.jpg",
    "/../../c.jpg": "http://example.org/c.jpg",
    "x/%2E%2e/c.jpg": "http://example.org/a/c.jpg",
    "x/../c.jpg": "http://example.org/a/c.jpg",
    "x/.": "http://example.org/a/x/",
    "..": "http://example.org/",
    "x//y.jpg": "http://example.org/a/x//y.jpg",
    "/c.jpg": "http://example.org/c.jpg",
    "//h.example/c.jpg": "http://h.example/c.jpg",
    "///h.example/c.jpg": "http://h.example/c.jpg",
    "?x": "http://example.org/a/b.html?x",
    "?": "http://example.org/a/b.html?",
    "#x": "http://example.org/a/b.html?q",
    "c.jpg#x#y": "http://example.org/a/c.jpg",
    "c.jpg?x?y": "http://example.org/a/c.jpg?x?y",
    "c:d.jpg": None,
    "./c:d.jpg": "http://example.org/a/c:d.jpg",
    # Schemes
    "HTTPS://H.example/C.jpg": "https://h.example/C.jpg",
    "http:c.jpg": "http://example.org/a/c.jpg",
    "https:c.jpg": "https://c.jpg/",
    "http:/h.example/c": "http://example.org/h.example/c",
    "https:/h.example/c": "https://h.example/c",
    "https:////h.example/c": "https://h.example/c",
    "mailto:a@example.org": None,
    "about:blank": None,
    "javascript:void(0)": None,
    "java\nscript:void(0)": None,
    "data:image/png;base64,AA": None,
    "blob:http://example.org/1": None,
    "ftp://example.org/c": None,
    "file:///c": None,
    "htt p://h/c": "http://example.org/a/htt%20p://h/c",
    # Characters
    "\\\\h.example\\c.jpg": "http://h.example/c.jpg",
    "d\\c.jpg?x\\y": "http://example.org/a/d/c.jpg?x\\y",
    "c\n.j\tp\rg": "http://example.org/a/c.jpg",
    " \x00\x1f c.jpg \n": "http://example.org/a/c.jpg",
    "\xa0c.jpg": "http://example.org/a/%C2%A0c.jpg",
    "c d.jpg": "http://example.org/a/c%20d.jpg",
    "c%20d%e.jpg": "http://example.org/a/c%20d%e.jpg",
    "c%c3%A4%7e.jpg": "http://example.org/a/c%c3%A4%7e.jpg",
    "a,b;c=1,2.jpg": "http://example.org/a/a,b;c=1,2.jpg",
    "ä.jpg?ö=ü": "http://example.org/a/%C3%A4.jpg?%C3%B6=%C3%BC",
    "😀.jpg": "http://example.org/a/%F0%9F%98%80.jpg",
    "<\"'`{|}^>.jpg?<\"'`{|}^>": "http://example.org/a/%3C%22'%60%7B|%7D%5E%3E.jpg?%3C%22%27`{|}^%3E",
    "c\0.jpg": "http://example.org/a/c%00.jpg",
    "w_640,h_480/http://h/c.jpg": "http://example.org/a/w_640,h_480/http://h/c.jpg",
    # Hosts
    "http://h.example": "http://h.example/",
    "http://h.example?x": "http://h.example/?x",
    "http://h.example.": "http://h.example./",
    "http://a_b.example/c": "http://a_b.example/c",
    "http://%48.example/c": "http://h.example/c",
    "http://例え.テスト/c": "http://xn--r8jz45g.xn--zckzah/c",
    "http://BÜCHER.example/c": "http://xn--bcher-kva.example/c",
    "http://faß.example/c": "http://xn--fa-hia.example/c",
    "http://ｅｘａｍｐｌｅ。org/c": "http://example.org/c",
    "http://-–-/c": "http://xn-----41t/c",
    "http://a\u200db.example/c": None,
    "http://a b/c": None,
    "http://a<b/c": None,
    "http://": None,
    "http://?x": None,
    "http://user:pa%3ass@h.example/c": "http://user:pa%3ass@h.example/c",
    "http://a@b@h.example/c": "http://a%40b@h.example/c",
    "http://h.example:80/c": "http://h.example/c",
    "https://h.example:443/c": "https://h.example/c",
    "https://h.example:80/c": "https://h.example:80/c",
    "http://h.example:0081/c": "http://h.example:81/c",
    "http://h.example:/c": "http://h.example/c",
    "http://h.example:65536/c": None,
    "http://h.example:port/c": None,
    # IP addresses
    "http://10.0.0.1:81/c": "http://10.0.0.1:81/c",
    "http://0x7f.1/c": "http://127.0.0.1/c",
    "http://2130706433/c": "http://127.0.0.1/c",
    "http://0177.0.0.1/c": "http://127.0.0.1/c",
    "http://256.0.0.1/c": None,
    "http://1.2.3.4.5/c": None,
    "http://[::1]/c": "http://[::1]/c",
    "http://[2001:DB8:0:0::1]:8080/c": "http://[2001:db8::1]:8080/c",
    "http://[::ffff:1.2.3.4]/c": "http://[::ffff:102:304]/c",
    "http://[x/c": None,
    "http://[::1": None,
    # Nothing
    "": None,
    " \t\n": None,
    "x" * (MAX_URL_CHARS + 1): None,
    "ä" * (MAX_URL_CHARS // 2): None,
}


@pytest.mark.parametrize("raw", URLS, ids=lambda raw: repr(raw[:40]))
def test_resolve(raw: str) -> None:
    assert resolve(raw, BASE) == URLS[raw]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h.example", "http://h.example/c.jpg"),
        ("http://h.example/d/", "http://h.example/d/c.jpg"),
        ("http://h.example/d;x=/y?z=/", "http://h.example/d;x=/c.jpg"),
        ("HTTP://H.example:80/d/../e/f", "http://h.example/e/c.jpg"),
        ("http://h.example/d e/f", "http://h.example/d%20e/c.jpg"),
        ("about:blank", None),
        ("d/", None),
        ("", None),
    ],
)
def test_bases(base: str, url: str | None) -> None:
    assert resolve("c.jpg", base) == url


def test_page_of_no_place() -> None:
    assert resolve("http://h.example/c", "about:blank") == "http://h.example/c"


@given(st.text(max_size=60), st.sampled_from([BASE, "", "http://[", "x"]))
def test_stable_and_never_raises(raw: str, base: str) -> None:
    if (url := resolve(raw, base)) is not None:
        assert url.isascii()
        assert resolve(url, BASE) == url


@given(st.text(st.characters(codec=None), max_size=20))
def test_surrogates(raw: str) -> None:
    resolve(raw, BASE)
    resolve("c", BASE + raw)
