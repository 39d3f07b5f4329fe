"""The site of a URL."""

import pytest

from pipeline.documents.site import site_of


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("http://www.example.co.uk/a", "example.co.uk"),
        ("https://example.com:8080", "example.com"),
        ("http://EXAMPLE.com./", "example.com"),
        ("http://a.b.github.io/", "b.github.io"),
        ("http://www.xn--bcher-kva.de/", "xn--bcher-kva.de"),
        ("http://127.0.0.1/a", "127.0.0.1"),
        ("http://[::1]:80/a", "::1"),
        ("http://localhost/", "localhost"),
        ("http://a.b.nosuchsuffix/", "a.b.nosuchsuffix"),
        ("http://co.uk/", "co.uk"),
        ("urn:sha256:00", ""),
        ("http://[x", ""),
    ],
)
def test_site(url: str, site: str) -> None:
    assert site_of(url) == site
