"""Opt-outs in headers and <meta>."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.opt_outs import header_opt_outs, meta_opt_outs

VALUES = {
    "noindex": ["noindex"],
    "NoIndex, NoFollow": ["noindex"],
    "none": ["noindex"],
    "all": [],
    "nofollow, noarchive": [],
    "noai, noimageai": ["noai", "noimageai"],
    "noml": ["noai"],
    "noimageindex": ["noimageindex"],
    "index, noindex": ["noindex"],
    "noindex nofollow noai": ["noai", "noindex"],
    "nofollow;noindex": ["noindex"],
    " ,, noindex ,": ["noindex"],
    "noindexing": [],
    # Directives with a value
    "max-image-preview: none": [],
    "max-image-preview:none, noai": ["noai"],
    "max-snippet:-1 noindex": ["noindex"],
    "noindex, unavailable_after: 25 Jun 2010 15:00:00 PST": ["noindex"],
    "unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, noai": ["noai"],
    "unavailable_after:2010-06-25T15:00:00Z, noindex": ["noindex"],
    # Addressed to a robot
    "googlebot: noindex": [],
    "googlebot: nofollow, noindex": [],
    "googlebot: noindex, noai": ["noai"],
    "noindex, googlebot: nofollow": ["noindex"],
    "googlebot: nofollow, *: noindex": ["noindex"],
    "googlebot: noindex, ccbot: noindex": ["noindex"],
    "CCBot : noindex": ["noindex"],
    "m3w: none": ["noindex"],
    "robots: noindex": ["noindex"],
    "bingbot: unavailable_after: 1 Jan 2030 10:00:00 GMT, noindex": [],
    "BadBot: noindex, nofollow, *: noimageai": ["noimageai"],
    "": [],
    ":": [],
    "googlebot:noimageai": ["noimageai"],
}


@pytest.mark.parametrize("value", VALUES)
def test_robots(value: str) -> None:
    assert sorted(header_opt_outs([("X-Robots-Tag", value)])) == VALUES[value]


def test_a_header_of_its_own_is_for_everybody() -> None:
    headers = [("x-robots-tag", "googlebot: noindex"), ("X-ROBOTS-TAG", "noimageindex"), ("X-Robots", "noai")]
    assert header_opt_outs(headers) == {"noimageindex"}


@pytest.mark.parametrize(
    ("name", "content", "opt_outs"),
    [
        ("robots", "noindex, noai", {"noindex", "noai"}),
        ("ccbot", "noindex", {"noindex"}),
        ("googlebot", "noindex", set()),
        ("googlebot-news", "noindex, noimageai", {"noimageai"}),
        ("gptbot", "noai", {"noai"}),
        ("google-extended", "noai", {"noai"}),
        ("anthropic-ai", "none", set()),
        ("keywords", "noai", set()),
        ("description", "noindex", set()),
        ("tdm-reservation", " 1 ", {"tdm_reservation"}),
        ("tdm-reservation", "0", set()),
        ("tdm-policy", "1", set()),
    ],
)
def test_metas(name: str, content: str, opt_outs: set[str]) -> None:
    assert meta_opt_outs(name, content) == opt_outs


@pytest.mark.parametrize(("value", "reserved"), [("1", True), (" 1", True), ("0", False), ("", False), ("10", False)])
def test_tdm_reservation(value: str, reserved: bool) -> None:
    assert header_opt_outs([("TDM-Reservation", value)]) == ({"tdm_reservation"} if reserved else set())


WORDS = st.sampled_from(
    ["noindex", "none", "nofollow", "googlebot:", "ccbot:", "unavailable_after:", "max-x:", ",", ":", " "]
)


@given(st.lists(WORDS | st.text(max_size=5)).map("".join))
def test_any_value(value: str) -> None:
    found = header_opt_outs([("X-Robots-Tag", value)])
    assert found <= {"noindex", "noimageindex", "noai", "noimageai"}
    assert found <= header_opt_outs([("X-Robots-Tag", value), ("X-Robots-Tag", "noai")])
