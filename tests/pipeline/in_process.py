"""The `m3w` command in this process: the same arguments, exit codes and streams, without the seconds of a start."""

from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner, Result

from pipeline import cli
from tests.pipeline.corpora import IN_MEMORY, arguments

NO_FEATURES = ("--stages", "extract,dedupe,locate,fetch,select,pack")
QUICK_BUILD = (*IN_MEMORY, *NO_FEATURES)


def invoke(*words: object, environment: Mapping[str, str] | None = None) -> Result:
    """Run `m3w WORDS`; the result has `exit_code`, `stdout` and `stderr`."""
    return CliRunner(env=environment).invoke(cli.app, [str(word) for word in words])


def succeed(*words: object, environment: Mapping[str, str] | None = None) -> str:
    """Run `m3w WORDS`, which must end with exit code 0; returns what it printed."""
    result = invoke(*words, environment=environment)
    assert result.exit_code == 0, (result.stdout, result.stderr, result.exception)
    return result.stdout


def fail(*words: object, exit_code: int = 2, environment: Mapping[str, str] | None = None) -> str:
    """Run `m3w WORDS`, which must end with `exit_code` and one paragraph on stderr; returns that."""
    result = invoke(*words, environment=environment)
    assert isinstance(result.exception, SystemExit), repr(result.exception)  # any other would be a traceback
    assert result.exit_code == exit_code, (result.stdout, result.stderr)
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    assert "\n\n" not in result.stderr.strip()
    return result.stderr


def build_sample(crawl: Path, corpus: Path, *more: object, only: str = "*") -> str:
    """Build a folder that is laid out as the sample crawl is, up to its shards."""
    return succeed(*arguments(crawl, corpus, only=only), *QUICK_BUILD, *more)
