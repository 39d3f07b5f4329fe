"""A page as a row of `documents/`, but for what the capture says: its text, images, blocks, facts and scores."""

from collections.abc import Iterable
from typing import Any

from pipeline.documents.language import identify_block, identify_document
from pipeline.documents.page import Page
from pipeline.documents.privacy import EMAIL, IP, PHONE, Finding, find_personal_data, move, replace
from pipeline.documents.scores import score, text_hash
from pipeline.recipe import Recipe

IMAGE_TEXTS = ("alt", "title", "caption")


def language_of(page: Page) -> tuple[str, float]:
    """The language of a page (see `language.identify`): of its blocks that are no code, if there are any."""
    return identify_document(list(filter(None, _prose(page))) or [page.text])


def _prose(page: Page) -> list[str]:
    """The text of each block, empty for code."""
    return [page.text[block.start : block.end] if block.kind != "code" else "" for block in page.blocks]


def describe(page: Page, language: str, language_score: float, recipe: Recipe) -> dict[str, Any]:
    """The columns of `documents/` that the page alone decides; its language is what `language_of` says.

    Languages are told before personal data are replaced, everything else is measured after it.
    """
    text = page.text
    findings = find_personal_data(text, language) if recipe.replace_personal_data else []
    blocks = [
        _columns(block) | dict(zip(("language", "language_score"), identify_block(block_text), strict=True))
        for block, block_text in zip(page.blocks, _prose(page), strict=True)
    ]
    images = [_columns(image) for image in page.images]
    title = page.title
    if recipe.replace_personal_data:
        replaced = _replaced([title, *(image[key] for image in images for key in IMAGE_TEXTS)], language)
        title = replaced.get(title)
        for image in images:
            image |= {key: replaced.get(image[key]) for key in IMAGE_TEXTS}
    if findings:
        text = replace(text, findings)
        _move(blocks, ("start", "end"), findings)
        _move(images, ("position",), findings)
    placeholders = [finding.placeholder for finding in findings]
    return {
        "language": language,
        "language_score": language_score,
        "title": title,
        **_columns(page.facts) | {"opt_outs": list(page.facts.opt_outs)},
        "cut": page.cut,
        "text": text,
        "text_hash": text_hash(text),
        "blocks": blocks,
        "images": images,
        "email_count": placeholders.count(EMAIL),
        "phone_count": placeholders.count(PHONE),
        "ip_count": placeholders.count(IP),
        **score(text, language, frozenset(recipe.flagged_words))._asdict(),
    }


def refusal(page: Page, recipe: Recipe) -> str | None:
    """Why a page can never be a document, whatever its text says; None if it can."""
    if not page.text:
        return "no_text"
    if recipe.require_image_candidate and not any(image.kind == "image" for image in page.images):
        return "no_image_candidate"
    return None


def is_wanted(language: str, language_score: float, recipe: Recipe) -> bool:
    """Whether a page is surely in one of the recipe's languages; all are where these hold "any"."""
    return "any" in recipe.languages or (language in recipe.languages and language_score >= recipe.min_language_score)


def _columns(one: Any) -> dict[str, Any]:
    """The fields of a flat dataclass with slots; `dataclasses.asdict` copies deeply and takes 20 times as long."""
    return {name: getattr(one, name) for name in one.__slots__}


def _replaced(texts: Iterable[str | None], language: str) -> dict[str | None, str]:
    """What becomes of each text, which holds no line break: they are searched as the lines of one.

    So that a caption of a thousand images is searched once, and what limits the search of a text limits that of a page.
    """
    lines = list(dict.fromkeys(text or "" for text in texts))
    text = "\n".join(lines)
    return dict(zip(lines, replace(text, find_personal_data(text, language)).split("\n"), strict=True))


def _move(rows: list[dict[str, Any]], keys: tuple[str, ...], findings: list[Finding]) -> None:
    for key in keys:
        for row, offset in zip(rows, move([row[key] for row in rows], findings), strict=True):
            row[key] = offset
