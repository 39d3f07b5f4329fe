"""The site that a URL belongs to: its registered domain, by the Public Suffix List that `publicsuffixlist` ships."""

from functools import cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList


def site_of(url: str) -> str:
    """The registered domain of a URL's host (`example.co.uk`); the host itself for IP addresses and unlisted names.

    Private suffixes count: `a.github.io` and `b.github.io` are two sites. Empty for a URL without a host.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def is_public_name(host: str) -> bool:
    """Whether a host name ends in a public suffix, as names of the Domain Name System do."""
    return _suffixes().publicsuffix(host.lower()) is not None
