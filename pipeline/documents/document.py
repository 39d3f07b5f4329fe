"""A page as a row of `documents/`, but for what the capture says: its text, images, blocks, facts and scores."""

from dataclasses import asdict
from typing import Any

from pipeline.documents.language import identify
from pipeline.documents.page import Page
from pipeline.documents.scores import score, text_hash


def describe(page: Page) -> dict[str, Any]:
    """The columns of `documents/` that the page alone decides."""
    language, language_score = identify(page.text)
    return {
        "language": language,
        "language_score": language_score,
        "title": page.title,
        **asdict(page.facts) | {"opt_outs": list(page.facts.opt_outs)},
        "cut": page.cut,
        "text": page.text,
        "text_hash": text_hash(page.text),
        "blocks": [asdict(block) | {"language": None, "language_score": None} for block in page.blocks],
        "images": [asdict(image) for image in page.images],
        "email_count": 0,
        "phone_count": 0,
        "ip_count": 0,
        **score(page.text)._asdict(),
    }
