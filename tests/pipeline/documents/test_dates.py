"""Declared dates as ISO 8601."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.dates import iso_date

DATES = {
    "2017-01-13": "2017-01-13",
    " 2017-01-13\n": "2017-01-13",
    "2017-01": "2017-01",
    "2017": "2017",
    "20170113": "2017-01-13",
    "2017/1/3": "2017-01-03",
    "2017.01.13": "2017-01-13",
    "2017-01-13T10:43": "2017-01-13T10:43",
    "2017-01-13t10:43:37z": "2017-01-13T10:43:37+00:00",
    "2017-01-13T10:43:37-08:00": "2017-01-13T10:43:37-08:00",
    "2017-01-13T10:43:37+0530": "2017-01-13T10:43:37+05:30",
    "2017-01-13T10:43:37+01": "2017-01-13T10:43:37+01:00",
    "2017-01-13 10:43:37": "2017-01-13T10:43:37",
    "2017-01-13 10:43:37 UTC": "2017-01-13T10:43:37+00:00",
    "2017-01-13T10:43:37.096Z": "2017-01-13T10:43:37.096+00:00",
    "2020-11-11 12:00:00.000-0600": "2020-11-11T12:00:00.000-06:00",
    "20170113T104337Z": "2017-01-13T10:43:37+00:00",
    "2020年06月16日 02:31": "2020-06-16T02:31",
    "2020年6月": "2020-06",
    # Written dates
    "Fri, 06 Nov 2015 00:00:00 GMT": "2015-11-06T00:00:00+00:00",
    "6 Nov 2015 09:15 +0100": "2015-11-06T09:15+01:00",
    "Thu May 14 2015 00:00:00 GMT+0200 (Central European Summer Time)": "2015-05-14T00:00:00+02:00",
    "Jan. 13, 2017": "2017-01-13",
    "13 January 2017": "2017-01-13",
    "Friday, January 13, 2017": "2017-01-13",
    # A time that is not understood is left out, and no zone is made up
    "2017-01-13 10:43 PM": "2017-01-13",
    "2017-01-13 10:43:37 EST": "2017-01-13",
    "2017-01-13T25:00": "2017-01-13",
    "2017-01-13T24:00:00": "2017-01-13",
    "2017-01-13T10:43:37+99:00": "2017-01-13",
    "2017-01-13, updated": "2017-01-13",
    # Impossible, ambiguous, absurd
    "2017-02-29": None,
    "2017-13-01": None,
    "2017-00-01": None,
    "05/06/2007": None,
    "13.01.2017": None,
    "13 Foo 2017": None,
    "31 Feb 2017": None,
    "0001-01-01T00:00:00": None,
    "0000-00-00": None,
    "1970-01-01T00:00:00Z": None,
    "1969-12-31T19:00:00-05:00": None,
    "1851-09-18": "1851-09-18",
    "9999-12-31": None,
    "1500-01-01": None,
    "1484232004": None,
    "2017-01-1334": None,
    "٢٠١٧-٠١-١٣": None,
    "yesterday": None,
    "": None,
    "2017-01-13 " + "x" * 200: None,
}


@pytest.mark.parametrize("declared", DATES)
def test_dates(declared: str) -> None:
    assert iso_date(declared) == DATES[declared]


@given(st.dates(date(1971, 1, 1), date(2099, 12, 31)))
def test_days_of_all_notations(day: date) -> None:
    for notation in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y", "%A, %B %d, %Y"):
        assert iso_date(day.strftime(notation)) == day.isoformat()


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31), timezones=st.timezones() | st.none()))
def test_moments_stay_what_they_are(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    if (offset := moment.utcoffset()) is None or offset.seconds % 60 == 0:
        assert iso_date(moment.isoformat()) == moment.isoformat()


@given(st.text(max_size=30) | st.text(alphabet="0123456789-/.:TZ+ ", max_size=30))
def test_any_text(declared: str) -> None:
    if found := iso_date(declared):
        assert found.isascii()
        assert iso_date(found) == found
