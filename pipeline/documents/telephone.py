"""Telephone numbers in a text: a pattern finds runs of digits, `phonenumbers` (Google's libphonenumber) judges them."""

import re
from collections.abc import Iterator

# A run of digits with at most two separators between them, on one line. Possessive, so that time is linear; it starts
# with a digit, since Python skips to one fast. What may stand before and behind it is looked at where it is found.
CANDIDATE = re.compile(r"\d(?:[ \u00a0.\-/()\u2010-\u2013]{0,2}+\d){6,}+(?!\w)")
OPENING = re.compile(r"(?<![\w.,/-])\+?\(?\Z")
OPENING_CHARS = 3  # "+(" and what stands before it
MAX_DIGITS = 17  # ITU E.164 has 15, and dialling may add "00"; longer runs are tables
MAX_JUDGED = 1000  # candidates of a page that `phonenumbers` sees, at 0.1 ms each; a page with more is a table
# Numbers as they are written in North America; no other number looks so. Also where no such line exists (555).
NORTH_AMERICAN = re.compile(r"(?:\+?1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}")
# Dates, decimals, and numbers of a million and more.
NO_NUMBER = re.compile(
    r"(?:19|20)\d\d[-./\u2010-\u2013 ]\d.*|\d\d?[-./]\d\d?[-./](?:19|20)\d\d.*|"
    r"\d+\.\d+|\d{1,3}([ .\u00a0])\d{3}(?:\1\d{3})+"
)
# What many countries write: an area code with its 0, then nothing but spaces.
AREA_CODE_AND_SPACES = re.compile(r"\(?0\d+(?:\) ?|/| )\d[\d ]*")
PHONE_WORD = re.compile(
    r"(?:\b(?:tele?[fp]h?on\w*|t[eé]l\w{0,8}|phone|fax|mob\w{0,6}|cell|call|whatsapp|hotline|ring|text)\b|[☎☏📞📱]|"
    r"电话|電話|тел)[^\w\n]{0,4}\Z",
    re.IGNORECASE,
)
PHONE_WORD_CHARS = 20  # before a number, in which such a word is looked for

# Where most pages of a language come from: a number without country code is one of these countries'.
REGIONS = {
    "en": ("US", "GB", "AU"),
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CA"),
    "es": ("ES", "MX", "AR"),
    "pt": ("BR", "PT"),
    "nl": ("NL", "BE"),
    "it": ("IT",),
    "ru": ("RU",),
    "uk": ("UA",),
    "pl": ("PL",),
    "cs": ("CZ",),
    "sk": ("SK",),
    "hu": ("HU",),
    "ro": ("RO",),
    "bg": ("BG",),
    "el": ("GR",),
    "tr": ("TR",),
    "sv": ("SE",),
    "no": ("NO",),
    "da": ("DK",),
    "fi": ("FI",),
    "ja": ("JP",),
    "zh": ("CN", "TW"),
    "ko": ("KR",),
    "vi": ("VN",),
    "th": ("TH",),
    "id": ("ID",),
    "hi": ("IN",),
    "ar": ("EG", "SA"),
    "fa": ("IR",),
    "he": ("IL",),
}


def telephone_numbers(text: str, language: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the telephone numbers in a text in `language` (ISO 639-1), in order.

    - With a country code ("+49 30 1234567"): of a length that the country has.
    - As written in North America ("(415) 555-2671").
    - Of a country of the language, and valid there: grouped as its numbers are; or with an area code that starts with 0
      and only spaces behind it; or in any form behind a word such as "Tel.". So a plain run of digits, as order numbers
      are, stays.
    """
    judged = 0
    for match in CANDIDATE.finditer(text):
        opening = OPENING.search(text[max(0, match.start() - OPENING_CHARS) : match.start()])
        if opening is None or sum(map(str.isdigit, match[0])) > MAX_DIGITS:
            continue
        start = match.start() - len(opening[0])
        written = text[start : match.end()]
        if NORTH_AMERICAN.fullmatch(written):
            yield start, match.end()
        elif judged < MAX_JUDGED:
            is_announced = PHONE_WORD.search(text[max(0, start - PHONE_WORD_CHARS) : start]) is not None
            if is_announced or not (written.isdigit() or NO_NUMBER.fullmatch(written)):
                judged += 1
                if _is_number(written, language, is_announced=is_announced):
                    yield start, match.end()


def _is_number(written: str, language: str, *, is_announced: bool) -> bool:
    from phonenumbers import Leniency, PhoneNumberMatcher  # needed by few pages

    regions: tuple[str | None, ...] = REGIONS.get(language, ())
    leniency = Leniency.VALID if is_announced or AREA_CODE_AND_SPACES.fullmatch(written) else Leniency.STRICT_GROUPING
    if written.startswith("+"):
        regions, leniency = (None,), Leniency.POSSIBLE
    return any(
        sum(map(str.isdigit, written)) == sum(map(str.isdigit, match.raw_string))
        for region in regions
        for match in PhoneNumberMatcher(written, region, leniency=leniency)
    )
