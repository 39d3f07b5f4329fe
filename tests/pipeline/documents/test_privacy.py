"""Personal data are found and nothing else; what is replaced leaves everything else where it stood."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.privacy import EMAIL, IP, PHONE, Finding, find_personal_data, move, replace


def replaced(text: str, language: str = "en") -> str:
    return replace(text, find_personal_data(text, language))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mail jane.doe+x@mail.example.co.uk, please.", f"Mail {EMAIL}, please."),
        ("<jane@example.com>", f"<{EMAIL}>"),
        ("mailto:jane_doe@example.org?subject=x", f"mailto:{EMAIL}?subject=x"),
        ("info@bücher.de.", f"{EMAIL}."),
        ("请联系info@example.com谢谢", f"请联系{EMAIL}谢谢"),
        ("a@example.com,b@example.com", f"{EMAIL},{EMAIL}"),
        ("A" * 64 + "@example.com", EMAIL),
        ("user@xn--bcher-kva.example.xn--p1ai", EMAIL),
        ('print("x@y.com")  # me@home.org', f'print("{EMAIL}")  # {EMAIL}'),
    ],
)
def test_email_addresses(text: str, expected: str) -> None:
    assert replaced(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "logo@2x.png",
        "y = x@w.shape",
        "@example and user@host",
        "lodash@4.17.21",
        "@media screen",
        "jane @ example.com",
        "a@b@c",
        "Meet at 5@the.",
        "A" * 65 + "@example.com",  # more than any mail server takes
    ],
)
def test_no_email_addresses(text: str) -> None:
    assert replaced(text) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "+1 555 123 4567"),
        ("en", "+49 30 1234567"),
        ("en", "+44 (0)20 7946 0958"),
        ("en", "+12025550143"),
        ("en", "(415) 555-2671"),
        ("en", "415-555-2671"),
        ("en", "415.555.2671"),
        ("en", "650 253 0000"),
        ("en", "1-800-275-2273"),
        ("en", "020 7946 0958"),
        ("de", "030 1234567"),
        ("de", "030/12345678"),
        ("de", "0171 123 45 67"),
        ("fr", "01 42 68 53 00"),
        ("fr", "01.42.68.53.00"),
        ("ja", "03-1234-5678"),
        ("pt", "(11) 91234-5678"),
        ("ru", "8 (495) 123-45-67"),
        ("zh", "+86 10 6552 9988"),
    ],
)
def test_telephone_numbers(language: str, text: str) -> None:
    assert replaced(f"Ask {text}.", language) == f"Ask {PHONE}."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Phone: 2025550143", f"Phone: {PHONE}"),
        ("Tel. 2025550143", f"Tel. {PHONE}"),
        ("Order 2025550143", "Order 2025550143"),
        ("item 2025550143", "item 2025550143"),
    ],
)
def test_a_plain_run_of_digits_is_a_telephone_number_only_where_it_is_called_one(text: str, expected: str) -> None:
    assert replaced(text) == expected


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "no", "ja", "zh", "und"])
@pytest.mark.parametrize(
    "text",
    [
        "1999-2004",
        "1999–2004 and 2010 - 2015",
        "2021-05-06 10:20:30",
        "06.05.2021",
        "12/31/1999",
        "20210506",
        "ISBN 978-3-16-148410-0",
        "ISBN 0-306-40615-2",
        "ISSN 2049-3630",
        "$1,234,567.89",
        "EUR 1.234.567,89",
        "1 234 567 890 people",
        "40.712776, -74.005974",
        "3.14159265358979",
        "0.04907247340425532",
        "doi:10.1000/182",
        "10.1145/3292500.3330701",
        "1234-5678-9012-3456-7890",
        "12 34 56 78 90 12 34 56 78 90",
        "#123456789",
        "(123456)",
        "v20230101.12",
        "UPC 036000291452",
    ],
)
def test_numbers_that_are_no_telephone_numbers(text: str, language: str) -> None:
    assert replaced(text, language) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ping 192.168.1.17.", f"ping {IP}."),
        ("http://93.184.216.34:8080/x", f"http://{IP}:8080/x"),
        ("10.0.0.0/8", f"{IP}/8"),
        ("from 203.0.113.7, 198.51.100.22", f"from {IP}, {IP}"),
        ("2001:db8::1", IP),
        ("[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:443", f"[{IP}]:443"),
        ("fe80::1%eth0", f"{IP}%eth0"),
    ],
)
def test_ip_addresses(text: str, expected: str) -> None:
    assert replaced(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3.4",
        "Version: 10.0.0.33",
        "v10.0.0.33",
        "Chrome/120.0.0.0",
        "firmware 2.10.0.33",
        "1.2.3.4",
        "14.5.4.3. Writing Rules",
        "see section 10.0.0.21",
        "1.2.3.4.50",
        "256.1.1.100",
        "127.0.0.1",
        "0.0.0.0",
        "255.255.255.0",
        "224.0.0.251",
        "std::vector<abc::def>",
        "12:30:45",
        "00:1A:2B:3C:4D:5E",
        "Acts 2:1-4; a::b",
        "::1",
        "AA:BB:CC:DD:EE:FF:00:11:22:33",
    ],
)
def test_no_ip_addresses(text: str) -> None:
    assert replaced(text) == text


HOSTILE = [
    "a@" * 500_000,
    "@" * 1_000_000,
    "a" * 1_000_000 + "@",
    "a." * 500_000 + "@",
    "a@" + "a." * 500_000,
    "a@a.a" * 200_000,
    "1" * 1_000_000,
    "1 " * 500_000,
    "(1)" * 300_000,
    "+" * 1_000_000,
    "1.1.1." * 160_000,
    "::" * 500_000,
    "1:" * 500_000,
    "12 34 56 78, " * 80_000,
    "0 - " * 250_000,
]


@pytest.mark.timeout(60)  # all of them take two seconds; what backtracks takes hours
def test_hostile_texts_take_linear_time() -> None:
    for text in HOSTILE:
        assert find_personal_data(text, "de") == []


PIECES = st.sampled_from(["a@example.com", "(415) 555-2671", "192.168.1.17", "x", " ", "\n\n", ".", "1.2.3.4", "ü"])


@given(st.lists(PIECES, max_size=12).map("".join), st.data())
def test_the_text_between_two_places_is_the_same_but_for_what_was_replaced(text: str, data: st.DataObject) -> None:
    findings = find_personal_data(text, "en")
    result = replace(text, findings)
    offsets = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    moved = move(offsets, findings)
    assert moved == sorted(moved)
    assert move([0, len(text)], findings) == [0, len(result)]
    borders = [0, *offsets, len(text)]
    new_borders = [0, *moved, len(result)]
    for start, end, new_start, new_end in zip(borders, borders[1:], new_borders, new_borders[1:], strict=False):
        # A place inside a finding comes before its placeholder, so all of the finding is in the part behind it.
        first = next((f.start for f in findings if f.start < start < f.end), start)
        last = next((f.start for f in findings if f.start < end < f.end), end)
        inside = [Finding(f.start - first, f.end - first, f.placeholder) for f in findings if first <= f.start < last]
        assert result[new_start:new_end] == replace(text[first:last], inside)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(alphabet="0123456789+-.() @ab:/\n", max_size=80))
def test_findings_are_apart_in_order_and_on_one_line(text: str) -> None:
    findings = find_personal_data(text, "en")
    assert all(one.end <= other.start for one, other in pairwise(findings))
    assert all("\n" not in text[finding.start : finding.end] for finding in findings)
    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)
