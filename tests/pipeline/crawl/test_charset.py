"""Which charset a page is read as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.charset import decode_html
from pipeline.crawl.records import Record
from tests.pipeline.crawl.archives import read
from tests.places import SHARED

SENTENCES = {  # koi8-u, for chardetng takes KOI8-R for this superset of it
    "euc-jp": "今日は天気がいいですね。日本語のページを読むための試験です。東京の街を歩く人々。",
    "shift_jis": "今日は天気がいいですね。日本語のページを読むための試験です。東京の街を歩く人々。",
    "iso-2022-jp": "今日は天気がいいですね。日本語のページを読むための試験です。",
    "windows-1251": "Привет, мир. Это обычная страница на русском языке, которую никто не объявил.",
    "koi8-u": "Привет, мир. Это обычная страница на русском языке, которую никто не объявил.",
    "windows-1252": "Où êtes-vous né ? L’été dernier à la plage, “garçon” naïve œuvre.",
    "windows-1253": "Καλημέρα κόσμε, αυτή είναι μια σελίδα.",
    "gbk": "今天天气很好，我们去公园散步。这是一个没有声明编码的中文网页。",
    "big5": "今天天氣很好，我們去公園散步。這是一個沒有聲明編碼的中文網頁。",
    "euc-kr": "오늘은 날씨가 좋습니다. 한국어 페이지를 읽는 시험입니다.",
    "utf-8": "Zażółć gęślą jaźń. Ładny dzień. 今日は",
}


@pytest.mark.parametrize("charset", SENTENCES)
def test_undeclared(charset: str) -> None:
    page = f"<html><body><p>{SENTENCES[charset]}</p></body></html>"
    assert decode_html(page.encode(charset), "text/html") == (page, charset)


@pytest.mark.parametrize("charset", SENTENCES)
def test_declared_by_header_or_meta(charset: str) -> None:
    page = f"<p>{SENTENCES[charset]}</p>"
    assert decode_html(page.encode(charset), f'text/html; Charset="{charset}"') == (page, charset)
    for meta in (
        f"<meta charset={charset}>",
        f'<META http-equiv="Content-Type" content="text/html; charset={charset}">',
        f"<!-- <meta charset=koi8-r> --><title>{'x' * 2000}</title><meta charset='{charset}'>",
    ):
        assert decode_html((meta + page).encode(charset), None) == (meta + page, charset)


@pytest.mark.parametrize(
    ("mark", "codec", "name"),
    [
        (b"\xef\xbb\xbf", "utf-8", "utf-8"),
        (b"\xff\xfe", "utf-16-le", "utf-16le"),
        (b"\xfe\xff", "utf-16-be", "utf-16be"),
    ],
)
def test_a_byte_order_mark_wins(mark: bytes, codec: str, name: str) -> None:
    assert decode_html(mark + "<p>é</p>".encode(codec), "text/html; charset=iso-8859-1") == ("<p>é</p>", name)


@pytest.mark.parametrize("declared", ["", "; charset=utf-8", "; charset=utf-16", "; charset=windows-1252"])
@pytest.mark.parametrize(("codec", "name"), [("utf-16-le", "utf-16le"), ("utf-16-be", "utf-16be")])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_utf_16_without_a_byte_order_mark(declared: str, codec: str, name: str, sentence: str) -> None:
    page = f"\r\n<!DOCTYPE html><meta charset=utf-8><p>{SENTENCES[sentence]}</p>"
    assert decode_html(page.encode(codec), f"text/html{declared}") == (page, name)


def test_latin_1_means_windows_1252() -> None:
    assert decode_html(b"<p>\x93caf\xe9\x94 \x80", "text/html; charset=ISO-8859-1") == ("<p>“café” €", "windows-1252")


@pytest.mark.parametrize("declared", ["utf-8", "shift_jis", "utf-16", "no-such-charset", "x-user-defined"])
def test_a_declaration_that_plainly_does_not_fit_is_not_believed(declared: str) -> None:
    page = f"<p>{SENTENCES['windows-1251'] * 3}</p>"
    text, charset = decode_html(page.encode("windows-1251"), f"text/html; charset={declared}")
    assert (text, charset) == (page, "windows-1251") or declared == "x-user-defined"


def test_utf_8_is_recognised_under_a_legacy_declaration() -> None:
    page = "<p>naïve café</p>"
    assert decode_html(page.encode(), "text/html; charset=iso-8859-1") == (page, "utf-8")


def test_the_meta_counts_where_the_header_does_not_fit() -> None:
    page = "<meta charset=windows-1252><p>déjà vu</p>"
    assert decode_html(page.encode("windows-1252"), "text/html; charset=utf-8") == (page, "windows-1252")


@pytest.mark.parametrize(
    ("header", "meta"),
    [("utf-8", "utf-8"), ("utf-8", "shift_jis"), ("utf-8", "iso-8859-1"), ("gbk", "utf-8"), ("euc-kr", "big5")],
)
def test_header_and_meta_are_both_wrong(header: str, meta: str) -> None:
    page = f"<meta charset={meta}><p>{SENTENCES['windows-1252']}</p>"
    text, charset = decode_html(page.encode("windows-1252"), f"text/html; charset={header}")
    assert (text, charset) == (page, "windows-1252")


def test_a_few_bad_bytes_change_nothing() -> None:
    page = "é" * 100
    text, charset = decode_html(page.encode() + b"\xff" + page.encode() + b"\xc3", "text/html; charset=utf-8")
    assert (text, charset) == (page + "\ufffd" + page + "\ufffd", "utf-8")


def test_nul_characters_go() -> None:
    assert decode_html(b"<p>a\0b", "text/html; charset=utf-8") == ("<p>ab", "utf-8")


@given(
    st.binary(max_size=300),
    st.one_of(st.none(), st.text(max_size=40), st.sampled_from([f"a;charset={c}" for c in SENTENCES])),
)
def test_never_raises(body: bytes, header: str | None) -> None:
    text, charset = decode_html(body, header)
    assert "\0" not in text
    text.encode()  # no surrogates
    assert decode_html(body, header) == (text, charset)


def test_real_pages_in_other_charsets() -> None:
    items = read((SHARED / "archives" / "resiliparse-warcfile.warc.gz").read_bytes(), max_body_bytes=10 << 20)
    found = {}
    for item in items:
        if isinstance(item, Record) and item.capture and item.capture.body:
            text, charset = decode_html(item.capture.body, item.capture.http_content_type_header)
            found[item.capture.url] = charset
            assert text.count("\ufffd") <= 0.002 * len(text)
    assert found["http://01spb.ru/company/"] == "windows-1251"
    assert found["http://041696.com/15477/list_6_4.html"] == "gbk"
