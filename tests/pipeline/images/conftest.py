"""The two loopback servers, one of each for all tests of this folder."""

from collections.abc import Iterator

import pytest

from pipeline.images.client import Access
from tests.places import SHARED
from tests.servers.adversarial import AdversarialServer

SAMPLE_CRAWL = SHARED / "sample_crawl"


@pytest.fixture(scope="session")
def adversary() -> Iterator[AdversarialServer]:
    with AdversarialServer() as server:
        yield server


@pytest.fixture
def access(adversary: AdversarialServer) -> Access:
    """Access to the adversary and nothing else on this machine that a test asks for."""
    return Access("m3w-test", allow_private_addresses=True, resolve=adversary.resolve, ca_file=adversary.ca_file)
