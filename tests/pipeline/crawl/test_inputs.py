"""What a user may name as input, and what is said where it is no input."""

import gzip
import os
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from pipeline.crawl.inputs import InputError, InputFile, resolve_inputs
from tests.pipeline.crawl.archives import ARC_FILE, response


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Five archives, one of them with an odd name, and something else."""
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "1.warc.gz").write_bytes(response())
    (tmp_path / "a" / "2.warc").write_bytes(response(gzip=False))
    (tmp_path / "a" / "deep" / "3.arc.gz").write_bytes(gzip.compress(ARC_FILE))
    (tmp_path / "a" / "deep" / "4.arc").write_bytes(ARC_FILE)
    (tmp_path / "a" / "odd name").write_bytes(response())
    (tmp_path / "a" / "notes.txt").write_text("# nothing\n")
    (tmp_path / "empty").mkdir()
    return tmp_path


def names(files: list[InputFile]) -> list[str]:
    return [file.url.rpartition("/")[2] for file in files]


def test_files_are_known_by_their_content(crawl: Path) -> None:
    files = resolve_inputs([str(crawl / "a" / "odd name"), str(crawl / "a" / "deep" / "4.arc")])
    assert [file.url for file in files] == [str(crawl / "a" / "deep" / "4.arc"), str(crawl / "a" / "odd name")]
    assert files[1].size_bytes == len(response())


def test_the_version_follows_the_file(crawl: Path) -> None:
    path = crawl / "a" / "1.warc.gz"
    os.utime(path, (0, 0))
    assert resolve_inputs([str(path)])[0].version == "1970-01-01T00:00:00+00:00"
    os.utime(path, (1, 1))
    assert resolve_inputs([str(path)])[0].version == "1970-01-01T00:00:01+00:00"


def test_a_folder_is_searched_and_nothing_comes_twice(crawl: Path) -> None:
    files = resolve_inputs([str(crawl), str(crawl / "a" / "1.warc.gz"), f"file://{crawl}/a/1.warc.gz"])
    assert names(files) == ["1.warc.gz", "2.warc", "3.arc.gz", "4.arc"]


def test_globs(crawl: Path) -> None:
    assert names(resolve_inputs([str(crawl / "a" / "[12].*")])) == ["1.warc.gz", "2.warc"]
    assert names(resolve_inputs([str(crawl / "**" / "*.arc*")])) == ["3.arc.gz", "4.arc"]


def test_a_relative_path_becomes_absolute(crawl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crawl)
    assert resolve_inputs(["a/2.warc"])[0].url == str(crawl / "a" / "2.warc")


@pytest.mark.parametrize("compressed", [True, False])
def test_lists(crawl: Path, compressed: bool) -> None:
    text = f"# a crawl\n\n a/1.warc.gz \n{crawl}/a/2.warc\nfile://{crawl}/a/deep/4.arc\na/odd name\n".encode()
    path = crawl / "paths"
    path.write_bytes(gzip.compress(text) if compressed else text)
    assert names(resolve_inputs([str(path)])) == ["1.warc.gz", "2.warc", "4.arc", "odd name"]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("a/nothing*.warc", "matches no file"),
        ("empty", "holds no WARC or ARC file"),
        ("a/missing.warc.gz", "does not exist"),
        ("picture.png", "neither a WARC or ARC file nor a list"),
        ("void", "neither a WARC or ARC file nor a list"),
        ("comments", "names no file"),
        ("broken-list", r"a/no\.warc, named in the list .*broken-list, cannot be read"),
        ("folder-list", "is a folder"),
    ],
)
def test_errors_say_what_is_wrong_and_what_to_do(crawl: Path, argument: str, message: str) -> None:
    (crawl / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (crawl / "void").write_bytes(b"")
    (crawl / "comments").write_text("# a\n# b\n")
    (crawl / "broken-list").write_text("a/1.warc.gz\na/no.warc\n")
    (crawl / "folder-list").write_text("a\n")
    with pytest.raises(InputError, match=message) as caught:
        resolve_inputs([str(crawl / argument)])
    assert "\n" not in str(caught.value)


def test_an_unknown_scheme_is_an_input_error() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        resolve_inputs(["nosuch://bucket/a.warc.gz"])


@pytest.fixture
def server(crawl: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(crawl))

        def end_headers(self) -> None:
            self.send_header("ETag", '"v1"')
            super().end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_web_files_and_lists(crawl: Path, server: str) -> None:
    (crawl / "a" / "paths.gz").write_bytes(gzip.compress(b"2.warc\ndeep/4.arc\n"))
    files = resolve_inputs([f"{server}/a/paths.gz", f"{server}/a/1.warc.gz"])
    assert files == [
        InputFile(f"{server}/a/1.warc.gz", len(response()), "v1"),
        InputFile(f"{server}/a/2.warc", len(response(gzip=False)), "v1"),
        InputFile(f"{server}/a/deep/4.arc", len(ARC_FILE), "v1"),
    ]


def test_a_missing_web_file_is_an_input_error(server: str) -> None:
    with pytest.raises(InputError, match="does not exist"):
        resolve_inputs([f"{server}/a/missing.warc.gz"])
