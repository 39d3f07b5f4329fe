"""From what a person asks for to a job that can run: everything is checked before the first byte is written."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from pipeline.build import STAGE_NAMES, BuildError, build, find_changes, locked
from pipeline.corpus import (
    ARCHIVE,
    CRAWL,
    CorpusState,
    CrawlFile,
    add_index_rows,
    grow,
    read_index_parts,
    read_index_rows,
    read_inputs,
    write_inputs,
)
from pipeline.crawl.common_crawl import BASE_URL, is_crawl_id, resolve_crawl
from pipeline.crawl.index_rows import IndexFilter, read_index
from pipeline.crawl.index_sort import IndexSorter
from pipeline.crawl.inputs import PARQUET_FILES, InputError, InputFile, resolve_inputs
from pipeline.engine import Engine
from pipeline.images.client import Access, check_access
from pipeline.index import INDEX
from pipeline.job import Job
from pipeline.progress import Reporter
from pipeline.recipe import Recipe, load_recipe
from pipeline.store import Store
from pipeline.takedown import TakeDown

DEFAULT_RECIPE = "m3w"
INDEX_ROWS_PER_UNIT = (
    4000  # of 30 kB each, as in Common Crawl: a tenth of one of its files, which is what a restart loses
)


@dataclass(frozen=True)
class BuildRequest:
    """The arguments of `m3w build`."""

    output: str
    crawl: tuple[str, ...] = ()
    limit: int | None = None  # files of each crawl id
    index: tuple[str, ...] = ()
    where: tuple[str, ...] = ()  # NAME=VALUE,VALUE
    crawl_base_url: str | None = None  # None: the corpus's own root, or Common Crawl's
    recipe: str | None = None  # None: the corpus's own, or the default
    settings: tuple[str, ...] = ()
    image_archives: tuple[str, ...] = ()
    fetch_missing: bool = False
    stages: tuple[str, ...] = STAGE_NAMES
    accept_changes: bool = False
    roots: tuple[str, ...] = ()  # NAME=FOLDER
    take_down: str | None = None
    resolve: tuple[str, ...] = ()
    ca_file: str | None = None
    allow_private_addresses: bool = False
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)


def run_build(request: BuildRequest, engine: Engine, console: Console) -> None:
    """Check the request, then run its stages.

    Raises:
        BuildError, InputError, RecipeError, TakeDownError: the request cannot be met; nothing was written.
        LossError: a stage lost more than the recipe allows.
    """
    unknown = [name for name in request.stages if name not in STAGE_NAMES]
    if unknown:
        raise BuildError(f"There is no stage '{unknown[0]}'. The stages are {', '.join(STAGE_NAMES)}.")
    corpus = Store(request.output)
    before = _state_of(corpus)
    recipe = _recipe(request, before)
    _check_inputs(request, corpus, before)
    roots, added = _inputs(request, before)
    state = CorpusState(roots, json.loads(recipe.model_dump_json()), _use_network(request, before))
    access = Access(recipe.user_agent, request.allow_private_addresses, request.resolve, request.ca_file)
    try:
        check_access(access)
    except (ValueError, OSError) as error:
        raise BuildError(f"--resolve or --ca-file cannot be used: {error}.") from error
    job = Job(request.output, recipe, roots, request.now, state.use_network, access)
    if before and not request.accept_changes:
        _refuse_changes(job, grow(read_inputs(corpus), added), before, request)
    take_down = _take_down(request)
    # In the lock, what only grows is read again now that no other build can make it grow.
    with _rows_of_index(request) as rows, locked(corpus):
        state.write(corpus)
        write_inputs(corpus, grow(read_inputs(corpus), added))
        if rows is not None:
            for known in read_index_rows(corpus):
                rows.add(known, known=True)
            new = add_index_rows(corpus, rows.parts(INDEX_ROWS_PER_UNIT))
            console.print(f"index: {rows.rows:,} rows are asked for, {new:,} of them new", highlight=False)
        if take_down.entries:
            take_down.union(TakeDown.read(corpus)).write(corpus)
        # A fresh copy of the job: what this one has read of the corpus, the take-down list, is from before.
        done = build(replace(job), engine, request.stages, Reporter(console))
    ended = "Nothing to do: all is built." if not done else "Built."
    look = f" Look at it with: m3w show {request.output}" if corpus.exists(INDEX) else ""
    console.print(ended + look, highlight=False, soft_wrap=True)


def _state_of(corpus: Store) -> CorpusState | None:
    """What stands in the output. Raises `BuildError` where it can be no corpus."""
    try:
        if corpus.is_local and corpus.exists() and not corpus.is_folder():
            raise BuildError(f"--output {corpus.url} is a file. Name a folder.")
        corpus.check_writable()
        state = CorpusState.read(corpus)
        if state is None and corpus.exists() and corpus.has_entries():
            raise BuildError(f"--output {corpus.url} is no corpus and not empty. Name a new or an empty folder.")
        return state
    except (OSError, ImportError, ValueError, TypeError) as error:
        raise BuildError(f"--output {corpus.url} cannot be used: {error}. Name a folder that you can write.") from error


def _recipe(request: BuildRequest, before: CorpusState | None) -> Recipe:
    if before and request.recipe is None:
        own = [f"{key}={json.dumps(value)}" for key, value in before.recipe.items()]
        return load_recipe(DEFAULT_RECIPE, [*own, *request.settings])
    return load_recipe(request.recipe or DEFAULT_RECIPE, request.settings)


def _use_network(request: BuildRequest, before: CorpusState | None) -> bool:
    if request.fetch_missing:
        return True
    if request.image_archives:
        return False
    return before.use_network if before else True


def _check_inputs(request: BuildRequest, corpus: Store, before: CorpusState | None) -> None:
    """Raise `InputError` for inputs that do not go together: a page must not come in by two ways."""
    if not request.crawl and not request.index and not before:
        raise BuildError("There is nothing to build from: name WARC files, a folder of them, or a list of their paths.")
    ids = [argument for argument in request.crawl if is_crawl_id(argument)]
    if ids and len(ids) < len(request.crawl):
        other = next(argument for argument in request.crawl if argument not in ids)
        raise InputError(f"The crawl {ids[0]} and the files {other} lie in two places: build them into two corpora.")
    if request.limit and not ids:
        raise InputError("--limit takes the first files of a crawl id, such as CC-MAIN-2024-22, and there is none.")
    if request.where and not request.index:
        raise InputError("--where filters the rows of --index, and there is none.")
    if request.crawl_base_url and not ids and not request.index:
        raise InputError("--crawl-base-url is where a crawl id or --index finds its files, and there is neither.")
    if request.index and request.crawl:
        raise InputError(
            f"Name either {request.crawl[0]} or --index, which may name records that are in it. (--index takes one "
            "file, folder or pattern; quote patterns, and repeat it for more.)"
        )
    if before and request.index and any(file.root == CRAWL for file in read_inputs(corpus)):
        raise InputError(f"{corpus.url} is built from whole files, which may hold what --index names. Use another one.")
    if before and request.crawl and read_index_parts(corpus):
        raise InputError(f"{corpus.url} is built from --index, which may name records of these files. Use another one.")


def _inputs(request: BuildRequest, before: CorpusState | None) -> tuple[dict[str, str], list[CrawlFile]]:
    """The roots, and the files that the request names as paths below them."""
    roots = dict(before.roots) if before else {}
    for entry in request.roots:
        name, equals, folder = entry.partition("=")
        if not equals or name not in (CRAWL, ARCHIVE):
            raise BuildError(f"--root takes crawl=FOLDER or archive=FOLDER, not '{entry}'.")
        roots[name] = _absolute(folder)
    if request.index or any(map(is_crawl_id, request.crawl)):
        base_url = _absolute(request.crawl_base_url or roots.get(CRAWL, BASE_URL))
        if roots.setdefault(CRAWL, base_url) != base_url:
            raise InputError(
                f"The tables of this corpus name files below {roots[CRAWL]}, not {base_url}. If they are the same "
                f"files, say so with --root crawl={base_url}; if not, build into another --output."
            )
    crawl = _crawl_files(request, roots)
    pages = {file.url for file in crawl}
    archives = resolve_inputs(request.image_archives) if request.image_archives else []
    archives = [file for file in archives if file.url not in pages]
    files: list[CrawlFile] = []
    for name, found in ((CRAWL, crawl), (ARCHIVE, archives)):
        if found:
            roots.setdefault(name, _common_folder(found))
            files += _relative_to(found, name, roots[name])
    return roots, files


def _crawl_files(request: BuildRequest, roots: dict[str, str]) -> list[InputFile]:
    if any(map(is_crawl_id, request.crawl)):
        return [file for name in request.crawl for file in resolve_crawl(name, roots[CRAWL], request.limit)]
    return resolve_inputs(request.crawl) if request.crawl else []


@contextmanager
def _rows_of_index(request: BuildRequest) -> Iterator[IndexSorter | None]:
    """The rows of the index that the request asks for, in temporary files; None where it names no index.

    Raises:
        InputError: there is no such row.
    """
    if not request.index:
        yield None
        return
    filters = [IndexFilter.parse(text) for text in request.where]
    files = resolve_inputs(request.index, PARQUET_FILES)
    with tempfile.TemporaryDirectory(prefix="m3w-") as folder, IndexSorter(Path(folder)) as rows:
        for batch in read_index(files, filters):
            rows.add(batch)
        if not rows.rows:
            asked = f" with {' and '.join(request.where)}" if request.where else ""
            raise InputError(f"The index has no row{asked} ({len(files)} files were read). Check --index and --where.")
        yield rows


def _common_folder(files: list[InputFile]) -> str:
    """The deepest folder that holds all `files`, without a slash at its end."""
    folders = [file.url.split("/")[:-1] for file in files]
    depth = 0
    while all(len(folder) > depth and folder[depth] == folders[0][depth] for folder in folders):
        depth += 1
    return "/".join(folders[0][:depth])


def _relative_to(files: list[InputFile], root: str, folder: str) -> list[CrawlFile]:
    """`files` as paths below `folder`, which the root `root` stands for.

    Raises:
        InputError: a file lies elsewhere.
    """
    for file in files:
        if not file.url.startswith(f"{folder}/"):
            raise InputError(
                f"{file.url} is not below {folder}, the folder that the tables of this corpus name as the root "
                f"'{root}'. Build into another --output, with --root {root}=FOLDER for one that holds all files."
            )
    return [CrawlFile(root, file.url[len(folder) + 1 :], file.size_bytes, file.version) for file in files]


def _absolute(folder: str) -> str:
    is_url = "://" in folder and not folder.startswith("file://")
    return (folder if is_url else Store(folder).full_path("")).rstrip("/")


def _refuse_changes(job: Job, files: Sequence[CrawlFile], before: CorpusState, request: BuildRequest) -> None:
    changes = find_changes(job, files, before.recipe)
    if changes:
        listed = "\n".join(f"  {change.stage}: {change.units} parts ({change.why})" for change in changes)
        raise BuildError(
            f"{request.output} was built otherwise. This build would redo, and then what follows from it:\n{listed}\n"
            "Pass --accept-changes to redo just that, the corpus's own recipe to keep it, or another --output."
        )


def _take_down(request: BuildRequest) -> TakeDown:
    """The entries that the request adds."""
    if request.take_down is None:
        return TakeDown()
    folder, _, name = _absolute(request.take_down).rpartition("/")
    try:
        text = Store(folder).read(name).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"--take-down {request.take_down} cannot be read: {error}") from error
    return TakeDown.parse(text.splitlines(), request.take_down)
