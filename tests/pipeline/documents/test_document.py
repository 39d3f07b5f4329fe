"""A page becomes a row of the table: personal data go, everything keeps its place, languages and scores are told."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents.document import describe, language_of
from pipeline.documents.page import Page, read_page
from pipeline.documents.scores import score, text_hash
from pipeline.recipe import Recipe
from schemas.documents import DOCUMENTS, SCORES

URL = "https://example.org/"
OF_THE_CAPTURE = {"document_id", "url", "site", "crawled_at", "warc_file", "warc_offset", "warc_length"}

PAGE = """<html lang="en"><title>Write to jane@example.com</title><article>
<p>The harbour office answers every letter that people write to jane@example.com within a week.</p>
<img src="a.jpg" alt="Call (415) 555-2671">
<p>Der Hafenmeister beantwortet alle Briefe, die man ihm schreibt, meistens noch in derselben Woche.</p>
<figure><img src="b.jpg"><figcaption>The server 192.168.1.17 in the office of the harbour, under the stairs.</figcaption></figure>
<pre>ssh root@192.168.1.17  # or ask jane@example.com</pre>
<p>Telephone: 415-555-2671. The office is open from 2021-05-06 on, and version 1.2.3.4 of its clock runs well.</p>
</article></html>"""  # noqa: E501  (a page that is read as one)


def page(html: str = PAGE) -> Page:
    return read_page(html, URL)


def described(page: Page, recipe: Recipe) -> dict[str, Any]:
    return describe(page, *language_of(page), recipe)


def test_the_columns_are_those_of_the_table() -> None:
    row = described(page(), Recipe())
    assert row.keys() == set(DOCUMENTS.names) - OF_THE_CAPTURE
    schema = pa.schema([field for field in DOCUMENTS if field.name in row])
    assert pa.Table.from_pylist([row], schema=schema).to_pylist()[0]["text"] == row["text"]


def test_personal_data_are_replaced_and_counted() -> None:
    row = described(page(), Recipe())
    assert "jane@example.com" not in str(row)
    assert "415" not in str(row["text"])
    assert "192.168" not in str(row)
    assert row["title"] == "Write to <EMAIL_ADDRESS>"
    assert row["images"][0]["alt"] == "Call <PHONE_NUMBER>"
    assert "<IP_ADDRESS>" in row["images"][1]["caption"]
    assert (row["email_count"], row["phone_count"], row["ip_count"]) == (2, 1, 2)
    assert "version 1.2.3.4" in row["text"]
    assert "2021-05-06" in row["text"]


def test_everything_is_measured_on_the_text_that_is_kept() -> None:
    row = described(page(), Recipe())
    assert row["text_hash"] == text_hash(row["text"])
    assert {field.name: row[field.name] for field in SCORES} == score(row["text"], "en")._asdict()


def test_without_replacement_all_stays() -> None:
    row = described(page(), Recipe(replace_personal_data=False))
    assert row["text"] == page().text
    assert row["title"] == "Write to jane@example.com"
    assert (row["email_count"], row["phone_count"], row["ip_count"]) == (0, 0, 0)


def test_blocks_have_languages_of_their_own() -> None:
    row = described(page(), Recipe())
    languages = {row["text"][block["start"] : block["start"] + 3]: block["language"] for block in row["blocks"]}
    assert languages["The"] == "en"
    assert languages["Der"] == "de"
    assert row["language"] == "en"


def test_flagged_words_come_from_the_recipe() -> None:
    assert described(page(), Recipe())["flagged_word_ratio"] == 0
    assert described(page(), Recipe(flagged_words=("Office",)))["flagged_word_ratio"] > 0


SENTENCES = st.lists(
    st.sampled_from(["Mail a@example.com", "at 10.20.30.40", "call (415) 555-2671", "now", "it is", "<img src=i.png>"]),
    max_size=6,
).map(" ".join)


@settings(max_examples=50)
@given(st.lists(SENTENCES, min_size=1, max_size=5))
def test_between_the_same_places_stands_the_same_text(paragraphs: list[str]) -> None:
    """Images and blocks before and after replacement: what lies between them is equal but for placeholders."""
    whole = page("<article>" + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) + "</article>")
    kept = described(whole, Recipe(replace_personal_data=False))
    row = described(whole, Recipe())

    def pieces(document: dict[str, object], text: str) -> list[str]:
        places = [image["position"] for image in document["images"]]  # type: ignore[attr-defined]  (a row is untyped)
        return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]

    def without_data(piece: str) -> str:
        for data, placeholder in (
            ("a@example.com", "<EMAIL_ADDRESS>"),
            ("10.20.30.40", "<IP_ADDRESS>"),
            ("(415) 555-2671", "<PHONE_NUMBER>"),
        ):
            piece = piece.replace(data, placeholder)
        return piece

    assert pieces(row, row["text"]) == [without_data(piece) for piece in pieces(kept, kept["text"])]
    for block, before in zip(row["blocks"], kept["blocks"], strict=True):
        assert row["text"][block["start"] : block["end"]] == without_data(kept["text"][before["start"] : before["end"]])


@pytest.mark.parametrize("html", ["", "<p>", "<p>\ud800</p>", "<pre>@ 1.1.1.1</pre>"])
def test_pages_with_little_on_them(html: str) -> None:
    row = described(replace(page(html), images=()), Recipe())
    assert row["text"] == page(html).text
