"""What extract makes of pages, one by one, before any dedupe and any image is fetched: `m3w extract`."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pipeline.crawl.charset import decode_html
from pipeline.crawl.inputs import InputFile, resolve_inputs
from pipeline.crawl.parsing import is_page
from pipeline.crawl.records import Damage, read_records
from pipeline.documents.document import describe, is_wanted, language_of, refusal
from pipeline.documents.judge import TextJudge
from pipeline.documents.readers import reader_of
from pipeline.documents.scores import TextScores
from pipeline.errors import UserError
from pipeline.recipe import Recipe
from pipeline.store import filesystem_of

FACTS = ("canonical_url", "published_at", "declared_language", "license_url", "opt_outs")


class Loss(NamedTuple):
    """A page, or a stretch of a file, of which nothing can be said; `where` is a URL or a file and offset."""

    where: str
    reason: str


def read_pages(inputs: Sequence[str], url: str | None, recipe: Recipe) -> Iterator[dict[str, Any] | Loss]:
    """The document of every HTML page: of the one page `inputs`, which has `url`, or of WARC and ARC files.

    A document is a mapping as `m3w extract --jsonl` prints it; `drop_reason` says why the recipe would drop it. Raises
    `UserError` where an input cannot be used.
    """
    reader = PageReader(recipe)
    if url is None:
        for file in resolve_inputs(inputs):
            yield from reader.read_file(file)
        return
    if len(inputs) != 1:
        raise UserError(f"--url says where one page comes from, and there are {len(inputs)} inputs.")
    filesystem, path = filesystem_of(inputs[0])
    try:
        body = filesystem.cat_file(path)
    except OSError as error:
        raise UserError(f"{inputs[0]} cannot be read: {error}") from error
    yield reader.read(body, url, (), None)


class PageReader:
    """Makes documents of pages as a recipe says."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._read_page = reader_of(recipe)
        self._judge = TextJudge(recipe)

    def read_file(self, file: InputFile) -> Iterator[dict[str, Any] | Loss]:
        filesystem, path = filesystem_of(file.url)
        limit = self._recipe.max_record_bytes
        with filesystem.open(path, "rb") as stream:
            for item in read_records(stream, relative_path=file.url, wants_body=is_page, max_body_bytes=limit):
                if isinstance(item, Damage):
                    yield Loss(f"{file.url}, bytes {item.offset} to {item.offset + item.length}", item.reason)
                elif (capture := item.capture) and is_page(capture):
                    if item.problem or capture.body is None:
                        yield Loss(capture.url, item.problem or "unreadable")
                    else:
                        header = capture.http_content_type_header
                        yield self.read(capture.body, capture.url, capture.headers, header)

    def read(
        self, body: bytes, url: str, headers: Sequence[tuple[str, str]], content_type: str | None
    ) -> dict[str, Any] | Loss:
        """The document of one page, from its undecoded `body` and HTTP headers."""
        recipe = self._recipe
        try:
            html, _ = decode_html(body, content_type)
            page = self._read_page(html, url, headers)
            row = describe(page, *language_of(page), recipe)
        except Exception:  # noqa: BLE001  (as in the stage: a page that cannot be read costs itself alone)
            return Loss(url, "extract_error")
        reason = refusal(page, recipe)
        if reason is None and not is_wanted(row["language"], row["language_score"], recipe):
            reason = "language"
        scores = {name: row[name] for name in TextScores._fields}
        return {
            "url": url,
            "title": row["title"],
            "language": row["language"],
            "language_score": row["language_score"],
            "drop_reason": reason
            or self._judge.broken_rule(row["text"], row["language"], TextScores(**scores))
            or None,
            "segments": list(_segments(row)),
            **{name: row[name] for name in FACTS},
            "cut": row["cut"],
            "scores": scores,
        }


def _segments(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Text, images and videos in their order; texts joined are the document's text."""
    text, start = row["text"], 0
    for image in row["images"]:
        if image["position"] > start:
            yield {"text": text[start : image["position"]]}
            start = image["position"]
        described = {key: image[key] for key in ("alt", "caption")}
        yield {image["kind"]: image["url"], **described}
    if start < len(text):
        yield {"text": text[start:]}


def to_json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)


def to_text(document: dict[str, Any]) -> str:
    """A document to read: a head of two lines, then its text with ⟦url⟧ where an image or a video stands."""
    parts = []
    for segment in document["segments"]:
        medium = segment.get("image") or segment.get("video")
        parts.append(f"⟦{medium}⟧" if medium else segment["text"])
    fate = f"would be dropped: {document['drop_reason']}" if document["drop_reason"] else "would stay"
    return (
        f"{document['url']}\n{document['title'] or 'no title'} | {document['language']} | {fate}\n\n{''.join(parts)}\n"
    )
