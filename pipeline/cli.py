"""The `m3w` command: one small function a sub-command."""

import atexit
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from rich.console import Console

from model.errors import ModelError
from pipeline.errors import UserError
from schemas.version import SchemaError

# Beam warns of extras that are not there when it is imported, and tells of a failure three times; it raises it too.
logging.basicConfig(level=logging.CRITICAL)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Web crawls in, interleaved image-text corpora out, Flamingo trained on them.",
)
console = Console()
errors = Console(stderr=True)
USAGE_EXIT_CODE = 2

CorpusArgument = Annotated[str, typer.Argument(metavar="CORPUS", help="Folder or URL of the corpus.")]


@app.command()
def build(
    output: Annotated[str, typer.Option(help="The corpus: a folder or a URL.")],
    crawl: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CRAWL...",
            help="WARC files, globs, folders, or lists of paths, local or s3:// etc.; or ids such as CC-MAIN-2024-22.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first files of each crawl id.")] = None,
    index: Annotated[
        list[str] | None,
        typer.Option(help="Parquet files of Common Crawl's columnar index: just the records of their rows."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE,...", help="Of --index, only rows of this language, mime, status or domain."),
    ] = None,
    crawl_base_url: Annotated[
        str | None,
        typer.Option(help="Where the files of crawl ids and of --index lie; https://data.commoncrawl.org if not said."),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="Preset or YAML file; m3w for a new corpus, else the corpus's own.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE over the recipe.")] = None,
    image_archive: Annotated[
        list[str] | None, typer.Option(help="WARC files that serve image URLs; then the network is not used.")
    ] = None,
    fetch_missing: Annotated[
        bool, typer.Option("--fetch-missing", help="With --image-archive: fetch what no archive holds.")
    ] = False,
    stages: Annotated[str | None, typer.Option(help="Only these stages, with commas between them.")] = None,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Redo what a changed recipe or input makes stale.")
    ] = False,
    root: Annotated[list[str] | None, typer.Option(help="NAME=FOLDER: where crawl or archive files lie now.")] = None,
    take_down: Annotated[str | None, typer.Option(help="File with URLs, sites and hashes to remove for good.")] = None,
    encoder: Annotated[str | None, typer.Option(help="timm model of the features.")] = None,
    encoder_weights: Annotated[str | None, typer.Option(help="hub, random, or a file.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Workers of the local engine; 0 is one a core.")] = 0,
    direct_running_mode: Annotated[
        str | None, typer.Option(help="in_memory, multi_threading or multi_processing (default with many workers).")
    ] = None,
    runner: Annotated[str, typer.Option(help="local, or the name of a Beam runner.")] = "local",
    beam_option: Annotated[list[str] | None, typer.Option(help="Option of that runner: --job_endpoint=…")] = None,
    resolve: Annotated[list[str] | None, typer.Option(help="HOST:PORT:ADDRESS, as in curl.")] = None,
    ca_file: Annotated[str | None, typer.Option(help="Certificate authorities to trust, PEM.")] = None,
    allow_private_addresses: Annotated[
        bool, typer.Option("--allow-private-addresses", help="Fetch from private addresses too (tests).")
    ] = False,
) -> None:
    """Build a corpus from a crawl, or go on with one: what is done stays done, what is new is added."""
    from pipeline.build import STAGE_NAMES
    from pipeline.engine import Engine
    from pipeline.request import BuildRequest, run_build

    worker_count = workers or os.cpu_count() or 1
    over = [*(settings or [])]
    over += [f"encoder={encoder}"] if encoder else []
    over += [f"encoder_weights={encoder_weights}"] if encoder_weights else []
    with _errors_in_words():
        request = BuildRequest(
            crawl=tuple(crawl or ()),
            limit=limit,
            index=tuple(index or ()),
            where=tuple(where or ()),
            crawl_base_url=crawl_base_url,
            output=output,
            recipe=recipe,
            settings=tuple(over),
            image_archives=tuple(image_archive or ()),
            fetch_missing=fetch_missing,
            stages=tuple(stages.split(",")) if stages else STAGE_NAMES,
            accept_changes=accept_changes,
            roots=tuple(root or ()),
            take_down=take_down,
            resolve=tuple(resolve or ()),
            ca_file=ca_file,
            allow_private_addresses=allow_private_addresses,
            now=_now(),
        )
        engine = Engine(
            runner,
            worker_count,
            direct_running_mode or ("multi_processing" if worker_count > 1 else "in_memory"),
            tuple(beam_option or ()),
        )
        run_build(request, engine, console)


@app.command()
def extract(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="WARC files, globs, folders, lists; or one page with --url.")
    ],
    url: Annotated[str | None, typer.Option(help="INPUT is one HTML page, and this is where it comes from.")] = None,
    recipe: Annotated[
        str, typer.Option(help="Preset or YAML file: what would be dropped, and how it is read.")
    ] = "m3w",
    settings: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE over the recipe.")] = None,
    html_parser: Annotated[
        str | None, typer.Option(help="bs4: the reader that is written for reading; needs the extra bs4.")
    ] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line; else text to read.")] = False,
) -> None:
    """The documents of pages, before any dedupe and any image rule, to standard output."""
    from pipeline.recipe import load_recipe
    from pipeline.report.pages import Loss, read_pages, to_json, to_text

    with _errors_in_words():
        lost = 0
        over = [*(settings or ()), *([f"html_parser={html_parser}"] if html_parser else ())]
        for found in read_pages(inputs, url, load_recipe(recipe, over)):
            if isinstance(found, Loss):
                lost += 1
                errors.print(f"Lost ({found.reason}): {found.where}", markup=False, highlight=False, soft_wrap=True)
            else:
                typer.echo(to_json(found) if jsonl else to_text(found))
        if lost:
            raise typer.Exit(1)


@app.command()
def status(corpus: CorpusArgument) -> None:
    """What is done, what is left, and the funnel so far."""
    from pipeline.build import STAGE_NAMES
    from pipeline.corpus import open_corpus
    from pipeline.report.funnel import show_status

    with _errors_in_words():
        show_status(open_corpus(corpus), STAGE_NAMES, console)


@app.command()
def show(
    corpus: CorpusArgument,
    document: Annotated[str | None, typer.Argument(metavar="ID", help="Document id (or its beginning) or URL.")] = None,
    sample: Annotated[int, typer.Option(help="How many documents to draw, when no ID is given.")] = 20,
    output: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("documents.html"),
    terminal: Annotated[bool, typer.Option(help="Print the documents too.")] = True,
) -> None:
    """Documents in the terminal, and as one offline HTML file."""
    from pipeline.corpus import open_corpus
    from pipeline.report.documents import read_documents, to_html, to_terminal

    with _errors_in_words():
        documents = read_documents(open_corpus(corpus), document_id=document, sample=sample)
        if terminal:
            to_terminal(documents, console)
        output.write_text(to_html(documents), encoding="utf-8")
        console.print(f"{len(documents)} documents in {output.resolve()}", highlight=False, soft_wrap=True)


@app.command()
def verify(corpus: CorpusArgument) -> None:
    """Check every receipt, hash, count and schema; exit code 1 when anything is off."""
    from pipeline.build import STAGES
    from pipeline.corpus import open_corpus
    from pipeline.report.verify import verify as find_problems

    with _errors_in_words():
        problems = list(find_problems(open_corpus(corpus), STAGES))
        for problem in problems:
            console.print(problem, highlight=False, soft_wrap=True)
        if problems:
            raise typer.Exit(1)
        console.print(f"{corpus}: sound", highlight=False)


@app.command()
def train(
    corpus: Annotated[str, typer.Option(help="Folder or URL of the corpus.")],
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and logs; a run there is resumed.")],
    config: Annotated[str, typer.Option(help="tiny, flamingo-3b, flamingo-9b, flamingo-80b, or a YAML file.")] = "tiny",
    settings: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE over the configuration.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where to train.")] = "auto",
) -> None:
    """Train a Flamingo on the features of a corpus."""
    from model.config import load_config
    from model.train import train as run

    with _errors_in_words():
        run(corpus, output, load_config(config, _pairs(settings or [])), device=device, report=_say)


def _pairs(settings: list[str]) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    for key, equals, _ in pairs:
        if not equals:
            raise UserError(f"--set takes KEY=VALUE, not '{key}'.")
    return {key: value for key, _, value in pairs}


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def main() -> NoReturn:
    """The command as a process of its own.

    It ends without taking the interpreter down: a thread of a C++ library that is still there then aborts the process
    (exit code 134), once in some hundred builds that had ended well.
    """
    exit_code = 0
    try:
        app()
    except SystemExit as end:
        exit_code = end.code if isinstance(end.code, int) else int(end.code is not None)
    atexit._run_exitfuncs()  # as Python does; temporary folders are removed by it
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        exit_code = exit_code or 1
    os._exit(exit_code)


def _fail(error: Exception, exit_code: int) -> NoReturn:
    errors.print(f"Error: {error}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(exit_code)


@contextmanager
def _errors_in_words() -> Iterator[None]:
    """Turn the errors that are for the person at the screen into a paragraph and an exit code."""
    try:
        yield
    except (UserError, ModelError, SchemaError) as error:
        _fail(error, getattr(error, "exit_code", USAGE_EXIT_CODE))


def _now() -> datetime:
    """The build's one clock reading; SOURCE_DATE_EPOCH (reproducible-builds.org) takes its place."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)
