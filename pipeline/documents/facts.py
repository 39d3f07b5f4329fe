"""What a page declares about itself: canonical URL, date, language, licence, and whether it opts out of such use."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.documents.dates import iso_date
from pipeline.documents.json_ld import Described, describe_page
from pipeline.documents.urls import resolve
from pipeline.opt_outs import header_opt_outs, meta_opt_outs

# What <meta> calls the day of publication, most telling first: Open Graph and its misspellings, schema.org microdata,
# news analytics, scholarly pages, Dublin Core, then names that mean little on their own.
DATE_NAMES = (
    *("article:published_time", "og:article:published_time", "article:published", "og:published_time"),
    *("datepublished", "parsely-pub-date", "sailthru.date", "citation_publication_date", "citation_online_date"),
    *("dcterms.issued", "dc.date.issued", "dcterms.date", "dc.date", "dcterms.created", "dc.date.created"),
    *("pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "date"),
)
LICENSE_NAMES = ("dcterms.license", "dc.license", "dcterms.rights", "dc.rights", "dc.rights.license", "cc:license")
# Not `copyright`, which HTML reads as `license`: of the 3 of 715 pages that use it, two lead to an imprint or a notice.
LICENSE_RELATIONS = frozenset(("license", "cc:license"))

# "https://creativecommons.org/licenses/by/3.0/de/deed.en": kind, licence, version, jurisdiction, representation.
CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(?P<kind>licenses|publicdomain)/(?P<code>[a-z+-]{2,20})"
    r"(?:/(?P<version>\d\.\d)(?:/(?!deed|legalcode|rdf)(?P<jurisdiction>[a-z]{2,10}))?)?"
    r"/?(?:(?:deed|legalcode|rdf)(?:[./][\w-]{1,20})?/?)?(?:\?.*)?",
    re.IGNORECASE,
)
# RFC 5646, section 2.1: language, script, region, variants, extensions, private use. What `und` and the like stand for
# is no language.
LANGUAGE_TAG = re.compile(
    r"(?!und|mul|zxx)[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3})){0,4}(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8}){1,4}){0,4}(?:-x(?:-[a-z0-9]{1,8}){1,4})?"
)
MAX_TAG_CHARS = 35  # RFC 5646 section 4.4.1

Links = list[tuple[str, list[str]]]  # each address with its relations to the page


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
    opt_outs: tuple[str, ...] = ()  # sorted; see pipeline/opt_outs.py


def read_facts(declarations: Declarations, base: str, headers: Iterable[tuple[str, str]]) -> Facts:
    """The facts of a page with base URL `base`, whose response had these HTTP `headers`."""
    metas: dict[str, str] = {}  # the first content of each name
    opt_outs = header_opt_outs(headers)
    for meta in declarations.metas:
        if content := meta.get("content"):
            for attribute in ("name", "property", "itemprop", "http-equiv"):
                if name := meta.get(attribute):
                    name = name.strip().lower()
                    metas.setdefault(name, content)
                    opt_outs |= meta_opt_outs(name, content)
    described = describe_page(declarations.json_ld) if declarations.json_ld else Described()
    links = [
        (href, (link.get("rel") or "").lower().split()) for link in declarations.links if (href := link.get("href"))
    ]
    return Facts(
        canonical_url=_canonical(links, metas, base),
        published_at=_published(declarations, metas, described),
        declared_language=_language(declarations, metas),
        license_url=_license(links, metas, described, base),
        opt_outs=tuple(sorted(opt_outs)),
    )


def _canonical(links: Links, metas: dict[str, str], base: str) -> str | None:
    declared = (href for href, relations in links if "canonical" in relations)
    for href in (*declared, metas.get("og:url")):
        if href and (url := resolve(href, base)):
            return url
    return None


def _published(declarations: Declarations, metas: dict[str, str], described: Described) -> str | None:
    """The first valid date, in order of trust.

    JSON-LD says of what thing it is the date, and is written for search engines, which check it; <meta> speaks of the
    page, but some of its names of other things too; <time> may stand in a comment or a list of other articles.
    """
    declared = [*described.dates, *(metas[name] for name in DATE_NAMES if name in metas)]
    times = [(time.get("datetime") or "", time) for time in declarations.times]
    declared += (moment for moment, time in times if "datepublished" in (time.get("itemprop") or "").lower())
    declared += (moment for moment, time in times if "pubdate" in time)
    return next((date for text in declared if (date := iso_date(text))), None)


def _language(declarations: Declarations, metas: dict[str, str]) -> str | None:
    for declared in (declarations.language, metas.get("content-language"), metas.get("og:locale")):
        if declared and (tag := _language_tag(declared)):
            return tag
    return None


def _language_tag(declared: str) -> str | None:
    """A language tag as RFC 5646 section 2.1.1 writes it: `zh-Hant-TW`; None for what is none, or several."""
    tag = declared.strip().lower().replace("_", "-")
    if len(tag) > MAX_TAG_CHARS or not LANGUAGE_TAG.fullmatch(tag):
        return None
    subtags = tag.split("-")
    for index, subtag in enumerate(subtags[1:], 1):
        if len(subtag) == 1:
            break  # what follows belongs to an extension
        if len(subtag) == 2:
            subtags[index] = subtag.upper()
        elif len(subtag) == 4 and subtag.isalpha():
            subtags[index] = subtag.title()
    return "-".join(subtags)


def _license(links: Links, metas: dict[str, str], described: Described, base: str) -> str | None:
    """The licence that the page declares as its own; else the one that all its Creative Commons links name.

    Of several, `rel=license` goes before JSON-LD and <meta>, then Creative Commons before others. A link without `rel`
    may speak of one image or of the works of others, so links to several licences say nothing.
    """
    related = [href for href, relations in links if relations and not LICENSE_RELATIONS.isdisjoint(relations)]
    values = (*described.licenses, *(metas.get(name, "") for name in LICENSE_NAMES))
    described_as = [value for value in values if "//" in value and " " not in value.strip()]  # else it is a sentence
    page = base.partition("#")[0]
    for declared in (related, described_as):
        if urls := [url for href in declared if (url := resolve(href, base)) and url != page]:
            return next(filter(None, map(_creative_commons, urls)), urls[0])
    linked = (resolve(href, base) or "" for href, _ in links if "creativecommons.org/" in href)
    named = set(filter(None, map(_creative_commons, linked)))
    return named.pop() if len(named) == 1 else None


def _creative_commons(url: str) -> str | None:
    """The one form of a Creative Commons licence's URL: https, without deed, language and query."""
    found = CREATIVE_COMMONS.fullmatch(url)
    if found is None:
        return None
    parts = (found["kind"], found["code"], found["version"], found["jurisdiction"])
    return "https://creativecommons.org/" + "".join(f"{part}/" for part in parts if part).lower()
