"""Facts that pages declare."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.facts import DATE_NAMES, Declarations, Facts, read_facts
from pipeline.documents.json_ld import MAX_CHARS, MAX_DEPTH, MAX_NODES
from pipeline.documents.page import read_page

BASE = "https://example.org/news/page.html?x"
Attributes = dict[str, str | None]


def facts(
    *,
    language: str | None = None,
    metas: Sequence[Attributes] = (),
    links: Sequence[Attributes] = (),
    times: Sequence[Attributes] = (),
    json_ld: Sequence[Any] = (),
    headers: Sequence[tuple[str, str]] = (),
) -> Facts:
    scripts = [script if isinstance(script, str) else json.dumps(script) for script in json_ld]
    return read_facts(Declarations(language, list(metas), list(links), list(times), scripts), BASE, headers)


def meta(name: str, content: str | None) -> Attributes:
    return {"name": name, "content": content}


def article(published: Any, type_: Any = "NewsArticle", **more: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": type_, "datePublished": published, **more}


def test_nothing_declared() -> None:
    assert facts() == Facts()
    assert facts(metas=[{}, {"charset": "utf-8"}, meta("viewport", "width=1"), meta("date", None)]) == Facts()


# Where declarations stand


HIDDEN = {
    "by itself": "<a rel=license href={} style='display:none'>Licence</a>",
    "from screen readers": "<p><a rel=license href={} aria-hidden=true></a>",
    "visually": "<p class=sr-only>Under <a href={}>this licence</a>.",
    "deeper": "<div hidden><ul><li><b><a rel=license href={}></a></b></ul></div>",
    "as metadata": "<div hidden><meta name=dcterms.license content={}></div>",
    "as a link": "<div hidden><link rel=license href={}></div>",
    "as JSON-LD": "<div hidden><style>p {{}}</style><script type=application/ld+json>"
    '{{"@context": "https://schema.org", "@type": "Article", "license": "{}"}}</script>a</div>',
}


@pytest.mark.parametrize("case", HIDDEN)
def test_hidden_declarations_count(case: str) -> None:
    license_url = "https://creativecommons.org/licenses/by/4.0/"
    page = read_page(f"<p>One.{HIDDEN[case].format(license_url)}<p>Two.", BASE)
    assert page.facts.license_url == license_url
    assert page.text == "One.\n\nTwo."


@pytest.mark.parametrize("around", ["template", "svg", "object", "iframe"])
def test_what_is_not_of_the_page_declares_nothing(around: str) -> None:
    link = "<a rel=license href=https://creativecommons.org/licenses/by/4.0/></a>"
    assert read_page(f"<p>One.<{around}>{link}</{around}>", BASE).facts == Facts()


# Canonical URL


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ([{"rel": "canonical", "href": "/a#b"}], "https://example.org/a"),
        ([{"rel": "Alternate CANONICAL", "href": "//h"}], "https://h/"),
        ([{"rel": "stylesheet", "href": "a"}, {"rel": None, "href": "b"}], "https://example.org/open-graph"),
        ([{"rel": "canonical", "href": "javascript:x"}, {"rel": "canonical", "href": "c"}], "https://example.org/news/c"),
        ([{"rel": "canonical", "href": ""}], "https://example.org/open-graph"),
        ([{"rel": "canonical"}], "https://example.org/open-graph"),
    ],
)  # fmt: skip
def test_canonical(links: list[Attributes], url: str) -> None:
    assert facts(links=links, metas=[{"property": "og:url", "content": "/open-graph"}]).canonical_url == url


# Publication date


@pytest.mark.parametrize("name", [*DATE_NAMES, "Article:Published_Time", " DC.date "])
@pytest.mark.parametrize("attribute", ["name", "property", "itemprop"])
def test_date_in_meta(name: str, attribute: str) -> None:
    assert facts(metas=[{attribute: name, "content": "2017-01-13"}]).published_at == "2017-01-13"


@pytest.mark.parametrize(
    ("json_ld", "date"),
    [
        ([article("2017-01-13T10:00:00Z")], "2017-01-13T10:00:00+00:00"),
        ([article("2017-01-13", ["Thing", "BlogPosting"])], "2017-01-13"),
        ([article("2017-01-13", "https://schema.org/Article")], "2017-01-13"),
        ([{"@graph": [{"@type": "Organization"}, article("2017-01-13")]}], "2017-01-13"),
        ([[article("2017-01-13"), {"@type": "Person"}]], "2017-01-13"),
        ([{"@type": "Organization", "name": "x"}, article("2017-01-13")], "2017-01-13"),
        ([{"@graph": [article("2017-01-11", "WebPage"), article("2017-01-13", "Article")]}], "2017-01-13"),
        ([article("2017-01-11", "WebPage", mainEntity=article("2017-01-13"))], "2017-01-13"),
        ([article("2017-01-11", "WebPage")], "2017-01-11"),
        ([article("2017-01-11", "Recipe")], "2017-01-11"),
        ([article("2017-01-13", mentions=[article("2018-01-01"), article("2016-01-01")])], "2017-01-13"),
        ([article("never"), article("2017-01-11", "WebPage")], "2017-01-11"),
        (['{"@type": "Article", "description": "two\nlines", "datePublished": "2017-01-13"}'], "2017-01-13"),
        # A list of articles, of which none is the page
        ([{"@graph": [article("2017-01-11"), article("2017-01-13")]}], "2001-01-01"),
        ([article("2017-01-13"), article("2017-01-13")], "2017-01-13"),
        # Not the page's date
        ([article("2017-01-13", "VideoObject")], "2001-01-01"),
        ([article("2017-01-13", "Review")], "2001-01-01"),
        ([article("2017-01-13", None)], "2001-01-01"),
        ([article(1484302217)], "2001-01-01"),
        ([article({"@value": "2017-01-13"})], "2001-01-01"),
        # Broken
        (['{"@type": "Article", "datePublished": "2017-01-13"'], "2001-01-01"),
        (['<!-- {"datePublished": 1} -->'], "2001-01-01"),
        (['"datePublished"'], "2001-01-01"),
        (["", "null", "NaN", "[]"], "2001-01-01"),
    ],
)  # fmt: skip
def test_date_in_json_ld(json_ld: list[Any], date: str) -> None:
    assert facts(json_ld=json_ld, metas=[meta("article:published_time", "2001-01-01")]).published_at == date


def test_order_of_trust() -> None:
    times = [
        {"datetime": "2005-01-01"},
        {"datetime": "2004-01-01", "pubdate": ""},
        {"datetime": "2003-01-01", "itemprop": "dateModified"},
        {"datetime": "2002-01-01", "itemprop": "datePublished dateModified"},
    ]
    assert facts(times=times[:1]).published_at is None
    assert facts(times=times[:3]).published_at == "2004-01-01"
    assert facts(times=times).published_at == "2002-01-01"
    metas = [meta("date", "2001-01-01"), meta("dc.date", "2000-01-01"), meta("dcterms.issued", "soon")]
    assert facts(times=times, metas=metas).published_at == "2000-01-01"
    assert facts(times=times, metas=metas, json_ld=[article("1999-01-01")]).published_at == "1999-01-01"


# Language


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        ("en", "en"),
        ("EN-us", "en-US"),
        (" de_ch ", "de-CH"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("ZH_HANS", "zh-Hans"),
        ("es-419", "es-419"),
        ("sl-ROZAJ-biske-1994", "sl-rozaj-biske-1994"),
        ("de-DE-u-CO-phonebk", "de-DE-u-co-phonebk"),
        ("zh-yue-HK", "zh-yue-HK"),
        ("en-x-US", "en-x-us"),
        ("UTF-8", None),
        ("english", None),
        ("de, en", None),
        ("x-default", None),
        ("und", None),
        ("mul", None),
        ("c", None),
        ("en-", None),
        ("{{ lang }}", None),
        ("ен", None),
        ("", None),
        ("en" + "-abcde" * 20, None),
    ],
)
def test_language(declared: str, tag: str | None) -> None:
    assert facts(language=declared).declared_language == tag
    assert facts(metas=[{"http-equiv": "Content-Language", "content": declared}]).declared_language == tag
    assert facts(metas=[{"property": "og:locale", "content": declared}]).declared_language == tag


def test_html_names_the_language_first() -> None:
    metas = [{"property": "og:locale", "content": "fr_FR"}, {"http-equiv": "content-language", "content": "de"}]
    assert facts(language="en", metas=metas).declared_language == "en"
    assert facts(language="", metas=metas).declared_language == "de"
    assert facts(language="?", metas=metas[:1]).declared_language == "fr-FR"


# Licence

BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", BY),
        ("//www.creativecommons.org/licenses/by/4.0/deed.en", BY),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.de#x", BY),
        ("https://creativecommons.org/licenses/by/4.0/?ref=chooser-v1", BY),
        ("https://creativecommons.org/licenses/BY/4.0", BY),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/de/deed.fr", "https://creativecommons.org/licenses/by-nc-sa/3.0/de/"),
        ("http://creativecommons.org/licenses/by-sa/2.5/scotland/", "https://creativecommons.org/licenses/by-sa/2.5/scotland/"),
        ("http://creativecommons.org/licenses/publicdomain/", "https://creativecommons.org/licenses/publicdomain/"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed", "https://creativecommons.org/publicdomain/zero/1.0/"),
    ],
)  # fmt: skip
def test_creative_commons(href: str, url: str) -> None:
    assert facts(links=[{"href": href}]).license_url == url
    assert facts(links=[{"rel": "license", "href": href}]).license_url == url


@pytest.mark.parametrize(
    "href",
    [
        "https://creativecommons.org/",
        "https://creativecommons.org/about/licenses/",
        "https://creativecommons.org/licenses/",
        "https://creativecommons.org/licenses/list.en",
        "https://mail.creativecommons.org/subscribe",
        "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "mailto:info@creativecommons.org/licenses/by/4.0/",
    ],
)
def test_links_that_are_no_licence(href: str) -> None:
    assert facts(links=[{"href": href}]).license_url is None


def test_licences_in_order_of_trust() -> None:
    links: list[Attributes] = [{"href": "https://creativecommons.org/licenses/by-sa/3.0/", "rel": "nofollow"}]
    assert facts(links=links).license_url == "https://creativecommons.org/licenses/by-sa/3.0/"
    metas = [meta("dcterms.rights", "© 2018 A Trust, see //x"), meta("DC.rights", "http://h/licence ")]
    assert facts(links=links, metas=metas).license_url == "http://h/licence"
    json_ld = [article("2017", license="CC BY"), article("2017", license={"@id": BY})]
    assert facts(links=links, metas=metas, json_ld=json_ld).license_url == BY
    links += {"href": "#license", "rel": "license"}, {"href": "/imprint", "rel": "copyright"}
    assert facts(links=links, metas=metas, json_ld=json_ld).license_url == BY
    links.append({"href": "/terms", "rel": "external License"})
    assert facts(links=links, metas=metas, json_ld=json_ld).license_url == "https://example.org/terms"
    links.append({"href": BY + "deed.en", "rel": "license"})
    assert facts(links=links).license_url == BY


def test_links_to_several_licences_say_nothing() -> None:
    links: list[Attributes] = [{"href": BY}, {"href": BY + "deed.fr"}]
    assert facts(links=links).license_url == BY
    links.append({"href": "https://creativecommons.org/licenses/by/2.0/"})
    assert facts(links=links).license_url is None


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ({"@type": "Article", "license": BY + "deed.en"}, BY),
        ({"@type": "Article", "license": ["", {"@type": "CreativeWork", "url": BY}]}, BY),
        ({"@type": "WebPage", "image": {"@type": "ImageObject", "license": BY}}, None),
        ({"@type": "Article", "license": 4}, None),
        ({"@type": "Article", "license": {"name": "CC BY"}}, None),
    ],
)
def test_license_in_json_ld(value: Any, url: str | None) -> None:
    assert facts(json_ld=[value]).license_url == url


# Opt-outs


def test_opt_outs_of_all_places() -> None:
    found = facts(
        metas=[
            meta("Robots", "noindex, follow"),
            meta("robots", "NOAI"),
            meta("googlebot", "noimageindex"),
            meta("tdm-reservation", "0"),
        ],
        headers=[("Content-Type", "text/html"), ("X-Robots-Tag", "noimageai"), ("TDM-Reservation", "1")],
    )
    assert found.opt_outs == ("noai", "noimageai", "noindex", "tdm_reservation")


# Hostile pages


@pytest.mark.parametrize(
    "script",
    [
        "[" * 100_000,
        '{"datePublished":' * 10_000,
        '"datePublished"' + "[" * (MAX_DEPTH * 20),
        '{"datePublished": "' + '\\"' * 90_000,
        '["datePublished"' + ',""' * 60_000 + "]",
        '["datePublished"' + ",[]" * 60_000 + "]",
        '{"datePublished": ' + "9" * 100_000 + "}",
        '{"@type": ["Article"], "datePublished": "\\ud800"}',
        '{"@type": "Article", "license": "https://\\ud800/"}',
        json.dumps(article("2017-01-13", text="x" * MAX_CHARS)),
    ],
    ids=range(10),
)
def test_hostile_json_ld(script: str) -> None:
    assert facts(json_ld=[script] * 3) == Facts()


def test_depth_counts_brackets_outside_strings() -> None:
    nested: Any = article("2017-01-13")
    for _ in range(MAX_DEPTH - 1):
        nested = [nested]
    assert facts(json_ld=[nested]).published_at == "2017-01-13"
    assert facts(json_ld=[[nested]]).published_at is None
    text = article("2017-01-13", text='"]}' * 100 + "[{" * 100)
    assert facts(json_ld=[text]).published_at == "2017-01-13"


def test_nodes_are_bounded() -> None:
    filler = [{"a": 1}] * (MAX_NODES - 2)
    assert facts(json_ld=[[*filler, article("2017-01-13")]]).published_at == "2017-01-13"
    assert facts(json_ld=[[*filler, {}, article("2017-01-13")]]).published_at is None


TEXT = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(
    ["canonical", "license", "datePublished", "robots", "Article", "2017-01-13", "http://[", "noai", "@type", "@graph"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)
ATTRIBUTES = st.lists(
    st.dictionaries(
        st.sampled_from(
            ["name", "property", "content", "rel", "href", "datetime", "itemprop", "pubdate", "http-equiv"]
        ),
        st.none() | TEXT,
    ),
    max_size=4,
)
SCRIPTS = st.lists(JSON.map(lambda value: json.dumps([value, "datePublished"])) | TEXT, max_size=3)


@given(st.none() | TEXT, ATTRIBUTES, ATTRIBUTES, ATTRIBUTES, SCRIPTS, TEXT)
def test_any_declarations(
    language: str | None,
    metas: list[Attributes],
    links: list[Attributes],
    times: list[Attributes],
    scripts: list[str],
    base: str,
) -> None:
    found = read_facts(Declarations(language, metas, links, times, scripts), base, [("X-Robots-Tag", base)])
    for value in (found.canonical_url, found.published_at, found.declared_language, found.license_url):
        assert value is None or value.isascii()
    assert list(found.opt_outs) == sorted(set(found.opt_outs))
