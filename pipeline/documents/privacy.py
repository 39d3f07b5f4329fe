"""E-mail addresses, telephone numbers and IP addresses in a text, and placeholders for them.

Patterns find what looks like one, in linear time on any text; what they find is checked by those who know: the Public
Suffix List, Google's `phonenumbers`, and `ipaddress`. In doubt a number stays: dates, versions, ISBNs, prices and
coordinates are much more frequent than telephone numbers. The placeholders have the names of Microsoft's Presidio.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, ip_address
from typing import NamedTuple

from pipeline.documents.site import is_public_name
from pipeline.documents.telephone import telephone_numbers

EMAIL, PHONE, IP = "<EMAIL_ADDRESS>", "<PHONE_NUMBER>", "<IP_ADDRESS>"

HINT = re.compile(r"[@\d]")  # all of them hold one of these
# RFC 5321, 4.5.3.1: 64 octets before the sign, 63 a label. A label may hold letters that are not English (RFC 5890).
EMAIL_LOCAL_PART_CHARS = 64
EMAIL_PATTERN = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}+@"
    r"((?:[A-Za-z0-9\u00c0-\u024f-]{1,63}+\.){1,8}(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59}))(?![A-Za-z0-9-])"
)
IPV4_PATTERN = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
# What before four numbers tells that they are no address: "Chrome/120.0.0.0", more numbers, "version 10.0.0.1".
NOT_BEFORE_IPV4 = re.compile(
    r"(?:[\w.-]|\w/|\b(?:versions?|ver\.?|release|firmware|build|update|section|chapter|kernel)[\s:]{1,3})\Z",
    re.IGNORECASE,
)
BEFORE_CHARS = 12  # the longest of these words, and what follows it
MAX_SECTION_NUMBER = 19  # of an IP address all four numbers are that small once in 30,000 times
IPV6_PATTERN = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{1,4}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}(?![\w:.])")
# What every address of the kind holds; a pattern that starts with one given character is searched for ten times faster.
IPV4_HINT = re.compile(r"\.\d{1,3}\.\d")
IPV6_HINT = re.compile(r":[0-9A-Fa-f]{0,4}:")


class Finding(NamedTuple):
    """Personal data at `text[start:end]`."""

    start: int
    end: int
    placeholder: str


def find_personal_data(text: str, language: str) -> list[Finding]:
    """What is to be replaced in a text in `language` (ISO 639-1), in order, without overlap; never across lines.

    IP addresses are those that can name one machine. Four numbers from 1 to 19, or of one digit each, are taken for a
    section ("14.5.4.3") or a version, and so is what stands behind such a word.
    """
    if not HINT.search(text):
        return []
    found: list[Finding] = []
    if "@" in text:
        found += (Finding(*span, EMAIL) for span in _emails(text))
    found += (Finding(*span, IP) for span in _ip_addresses(text))
    found += (Finding(*span, PHONE) for span in telephone_numbers(text, language))
    if len(found) < 2:
        return found
    apart: list[Finding] = []
    for finding in sorted(found):
        if not apart or finding.start >= apart[-1].end:
            apart.append(finding)
    return apart


def replace(text: str, findings: Sequence[Finding]) -> str:
    """The text with placeholders for the findings in it."""
    parts: list[str] = []
    start = 0
    for finding in findings:
        parts += text[start : finding.start], finding.placeholder
        start = finding.end
    return "".join([*parts, text[start:]])


def move(offsets: Sequence[int], findings: Sequence[Finding]) -> list[int]:
    """Where in the replaced text the offsets of the original are; one inside a finding comes before the placeholder."""
    ends, shifts = [finding.end for finding in findings], [0]
    for finding in findings:
        shifts.append(shifts[-1] + len(finding.placeholder) - (finding.end - finding.start))
    moved = []
    for offset in offsets:
        passed = bisect_left(ends, offset + 1)
        if passed < len(findings):
            offset = min(offset, findings[passed].start)
        moved.append(offset + shifts[passed])
    return moved


def _emails(text: str) -> Iterator[tuple[int, int]]:
    """Of a text with an "@". The pattern is slow, and most texts have their first address near their end."""
    start = max(0, text.index("@") - EMAIL_LOCAL_PART_CHARS)
    for match in EMAIL_PATTERN.finditer(text, start):
        if is_public_name(match[1]):  # not "logo@2x.png", nor "x@w.shape" of a program
            yield match.span()


def _ip_addresses(text: str) -> Iterator[tuple[int, int]]:
    if IPV4_HINT.search(text):
        for match in IPV4_PATTERN.finditer(text):
            before = text[max(0, match.start() - BEFORE_CHARS) : match.start()]
            if not NOT_BEFORE_IPV4.search(before) and not _is_section(match[0]) and _names_a_machine(match[0]):
                yield match.span()
    if IPV6_HINT.search(text):
        for match in IPV6_PATTERN.finditer(text):
            if any(map(str.isdigit, match[0])) and _names_a_machine(match[0]):
                yield match.span()


def _is_section(dotted: str) -> bool:
    numbers = [int(number) for number in dotted.split(".")]
    return max(numbers) <= 9 or (min(numbers) >= 1 and max(numbers) <= MAX_SECTION_NUMBER)


def _names_a_machine(written: str) -> bool:
    try:
        address = ip_address(written)
    except ValueError:
        return False
    is_mask = isinstance(address, IPv4Address) and address.is_reserved  # 240.0.0.0/4 holds all masks
    return not (address.is_unspecified or address.is_loopback or address.is_multicast or is_mask)
