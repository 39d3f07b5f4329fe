"""From what a person asks for to a job that can run: everything is checked before the first byte is written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rich.console import Console

from pipeline.build import STAGE_NAMES, BuildError, build, find_changes, locked
from pipeline.corpus import ARCHIVE, CRAWL, CorpusState, CrawlFile, grow, read_inputs, write_inputs
from pipeline.crawl.inputs import InputError, InputFile, resolve_inputs
from pipeline.engine import Engine
from pipeline.images.client import Access, check_access
from pipeline.index import INDEX
from pipeline.job import Job
from pipeline.progress import Reporter
from pipeline.recipe import Recipe, load_recipe
from pipeline.store import Store
from pipeline.takedown import TakeDown

DEFAULT_RECIPE = "m3w"


@dataclass(frozen=True)
class BuildRequest:
    """The arguments of `m3w build`."""

    output: str
    crawl: tuple[str, ...] = ()
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
    with locked(corpus):  # what only grows is read again now that no other build can make it grow
        state.write(corpus)
        write_inputs(corpus, grow(read_inputs(corpus), added))
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


def _inputs(request: BuildRequest, before: CorpusState | None) -> tuple[dict[str, str], list[CrawlFile]]:
    """The roots, and the files that the request names as paths below them."""
    if not request.crawl and not before:
        raise BuildError("There is nothing to build from: name WARC files, a folder of them, or a list of their paths.")
    roots = dict(before.roots) if before else {}
    for entry in request.roots:
        name, equals, folder = entry.partition("=")
        if not equals or name not in (CRAWL, ARCHIVE):
            raise BuildError(f"--root takes crawl=FOLDER or archive=FOLDER, not '{entry}'.")
        roots[name] = _absolute(folder)
    crawl = resolve_inputs(request.crawl) if request.crawl else []
    pages = {file.url for file in crawl}
    archives = resolve_inputs(request.image_archives) if request.image_archives else []
    archives = [file for file in archives if file.url not in pages]
    files: list[CrawlFile] = []
    for name, found in ((CRAWL, crawl), (ARCHIVE, archives)):
        if found:
            roots.setdefault(name, _common_folder(found))
            files += _relative_to(found, name, roots[name])
    return roots, files


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
    store = Store(folder)
    return (store.full_path("") if store.is_local else folder).rstrip("/")


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
