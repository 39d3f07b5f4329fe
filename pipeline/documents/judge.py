"""Whether a text is good enough: its paragraphs by their rules, which are cut, then what is left by the text rules."""

from collections.abc import Set
from typing import NamedTuple

from pipeline.documents import paragraph_rules, rules
from pipeline.documents.paragraph_rules import ParagraphThresholds
from pipeline.documents.paragraphs import Span, cut, paragraph_hash, paragraph_spans, spans_of
from pipeline.documents.rules import TextThresholds
from pipeline.documents.scores import TextScores, score
from pipeline.recipe import Recipe

NO_TEXT = "no_text"  # why a document goes of which nothing is left
REPEATED = "repeated_in_site"  # why a paragraph goes that breaks no rule of its own


class Cut(NamedTuple):
    """What is cut out of a text."""

    spans: list[Span]
    left: str  # the text without them
    paragraphs: int  # in all
    reasons: dict[int, str]  # why paragraphs go, by their number


class TextJudge:
    """The recipe's rules on texts."""

    def __init__(self, recipe: Recipe) -> None:
        self._thresholds = TextThresholds.of(recipe)
        self._paragraph_thresholds = ParagraphThresholds.of(recipe)
        self._flagged_words = frozenset(recipe.flagged_words)
        self.cuts_paragraphs = not self._paragraph_thresholds.is_off

    def cut(self, text: str, language: str, site: str, repeated: Set[bytes]) -> Cut:
        """Cut the paragraphs that break a rule, or whose hash (see `paragraph_hash`) is in `repeated`."""
        paragraphs = paragraph_spans(text)
        reasons = {}
        for number, (start, end) in enumerate(paragraphs):
            reason = self._broken_paragraph_rule(text[start:end], language)
            if not reason and repeated and paragraph_hash(site, text[start:end]) in repeated:
                reason = REPEATED
            if reason:
                reasons[number] = reason
        spans = list(spans_of(text, paragraphs, reasons))
        left, _ = cut(text, (), spans)
        return Cut(spans, left, len(paragraphs), reasons)

    def broken_rule(self, text: str, language: str, scores: TextScores | None = None) -> str:
        """The first rule that the text breaks, empty if it keeps them all; it is scored unless that was done."""
        if not text:
            return NO_TEXT
        scores = scores or score(text, language, self._flagged_words)
        return rules.decide(scores, self._thresholds, language) or ""

    def _broken_paragraph_rule(self, paragraph: str, language: str) -> str | None:
        if not self.cuts_paragraphs:
            return None
        return paragraph_rules.broken_rule(paragraph, language, self._paragraph_thresholds)
