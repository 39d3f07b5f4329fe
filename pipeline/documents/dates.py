"""Declared dates as ISO 8601, as precise as declared."""

import re
from datetime import date, time

MAX_DATE_CHARS = 100  # JavaScript's own notation with a long zone's name has 70
# From the first newspaper on: archives on the web declare the day of the print. The end is fixed, as no clock counts.
MIN_YEAR, MAX_YEAR = 1605, 2100
# What systems write for "no date": day zero of Unix, the same seen from the Americas, and that of SQL Server.
ZERO_DAYS = frozenset(("1970-01-01", "1969-12-31", "1900-01-01"))

NUMERIC = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?|(\d\d)(\d\d))?(?=[T\s,]|$)", re.IGNORECASE | re.ASCII)
# RFC 5322, JavaScript and English prose: "Fri, 06 Nov 2015", "Thu May 14 2015", "Jan. 13, 2017", "13 January 2017".
WRITTEN = re.compile(
    r"(?:[a-z]{3,9}\.?,?\s+)?(?:(?P<day>\d{1,2})\s+(?P<month>[a-z]{3,9})\.?|"
    r"(?P<us_month>[a-z]{3,9})\.?\s+(?P<us_day>\d{1,2})),?\s+(?P<year>\d{4})(?=[\s,]|$)",
    re.IGNORECASE | re.ASCII,
)
TIME = re.compile(
    r"[T\s,]\s*(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?\s*"
    r"(?:(?P<utc>z|gmt|utc)|(?:gmt|utc)?(?P<sign>[+-])(?P<zone_hour>\d\d)(?::?(?P<zone_minute>\d\d))?)?\s*(?:\(.*)?",
    re.IGNORECASE | re.ASCII,
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EAST_ASIAN = str.maketrans({"年": "-", "月": "-", "日": " "})


def iso_date(declared: str) -> str | None:
    """A declared date in ISO 8601, with exactly the parts that it declares; None if it is no possible date.

    A time that is not understood is left out. Dates in figures have the year first: 05/06/2007 is May in one country
    and June in another.
    """
    text = declared.strip()
    if len(text) > MAX_DATE_CHARS or not text:
        return None
    if not text.isascii():
        text = text.translate(EAST_ASIAN).strip(" -")
    if found := NUMERIC.match(text):
        year, month, day = found[1], found[3] or found[5], found[4] or found[6]
    elif found := WRITTEN.match(text):
        name = (found["month"] or found["us_month"]).lower()[:3]
        if name not in MONTHS:
            return None
        year, month, day = found["year"], str(MONTHS.index(name) + 1), found["day"] or found["us_day"]
    else:
        return None
    iso = "-".join(part.zfill(2) for part in (year, month, day) if part)
    if not _is_day(int(year), int(month or 1), int(day or 1)) or iso in ZERO_DAYS:
        return None
    return iso + _iso_time(text[found.end() :]) if day else iso


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return MIN_YEAR <= date(year, month, day).year <= MAX_YEAR
    except ValueError:
        return False


def _iso_time(text: str) -> str:
    """The time of a day with its zone, from the "T" on; empty if there is none."""
    found = TIME.fullmatch(text)
    if found is None:
        return ""
    hour, minute, second, fraction = found["hour"], found["minute"], found["second"], found["fraction"]
    zone_hour, zone_minute = found["zone_hour"] or "00", found["zone_minute"] or "00"
    try:
        time(int(hour), int(minute), int(second or 0))
        time(int(zone_hour), int(zone_minute))
    except ValueError:
        return ""
    iso = f"T{hour}:{minute}" + (f":{second}" if second else "") + (f".{fraction}" if fraction else "")
    if found["utc"]:
        return iso + "+00:00"
    return iso + (f"{found['sign']}{zone_hour}:{zone_minute}" if found["sign"] else "")
