"""What a page declares about itself: canonical URL, date, language, licence, and whether it opts out of such use."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Declarations:
    """What the walk over the page gathers for `read_facts`; the walk bounds the number and length of all."""

    language: str | None = None  # <html lang>
    metas: list[dict[str, str | None]] = field(default_factory=list)  # attributes of <meta>
    links: list[dict[str, str | None]] = field(default_factory=list)  # of <link>, and of <a> with rel or a licence
    times: list[dict[str, str | None]] = field(default_factory=list)  # of <time> with datetime
    json_ld: list[str] = field(default_factory=list)  # texts of <script type="application/ld+json">


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one page; None or empty where it declares nothing."""

    canonical_url: str | None = None
    published_at: str | None = None  # ISO 8601, as precise as declared
    declared_language: str | None = None  # BCP 47
    license_url: str | None = None
    opt_outs: tuple[str, ...] = ()  # sorted; see OPT_OUTS


def read_facts(declarations: Declarations, base: str, headers: Iterable[tuple[str, str]]) -> Facts:
    """The facts of a page with base URL `base`, whose response had these HTTP `headers`."""
    del base, headers
    return Facts(declared_language=declarations.language)
