"""The bundled sample crawl, built once for all tests that only look at it."""

from pathlib import Path

import pytest

from tests.places import SAMPLE

pytest.register_assert_rewrite("tests.pipeline.corpora")

from tests.pipeline.corpora import build  # noqa: E402  (after the assertions in it are rewritten)


@pytest.fixture(scope="session")
def sample_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample crawl, built in one process, undisturbed. Tests must not change it."""
    corpus = tmp_path_factory.mktemp("sample") / "corpus"
    build(SAMPLE, corpus)
    return corpus
