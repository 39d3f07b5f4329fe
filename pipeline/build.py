"""The stages in order: what is done, what is left, what a change would redo; one run of each."""

import fcntl
import json
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.corpus import CrawlFile
from pipeline.engine import Engine
from pipeline.errors import UserError
from pipeline.index import INDEX, write_index
from pipeline.job import Job
from pipeline.progress import Reporter
from pipeline.stages.dedupe import Dedupe
from pipeline.stages.encode import Encode
from pipeline.stages.extract import Extract, unit_of_file
from pipeline.stages.fetch import Fetch
from pipeline.stages.locate import Locate
from pipeline.stages.pack import Pack
from pipeline.stages.select import Select
from pipeline.stages.stage import GroupingStage, Stage, UnitStage
from pipeline.store import LOCK, Store
from pipeline.tables import (
    Receipt,
    Unit,
    delete_manifest,
    digest,
    finish,
    is_done,
    present_files,
    read_manifest,
    read_receipts,
    restore_receipts,
    sweep,
)

STAGES: tuple[Stage, ...] = (Extract(), Dedupe(), Locate(), Fetch(), Select(), Pack(), Encode())
STAGE_NAMES = tuple(stage.name for stage in STAGES)


class BuildError(UserError):
    """A build that cannot go on as asked; the message says what to do."""


class StageError(UserError):
    """A pipeline failed; what was committed before stays."""

    exit_code = 1


class LossError(UserError):
    """A stage lost more than its recipe allows; its tables stand."""

    exit_code = 1


@dataclass(frozen=True)
class Change:
    """Work that is done, but not with the present recipe, code or input."""

    stage: str
    units: int
    why: str


def find_changes(job: Job, files: Sequence[CrawlFile], recipe_before: dict[str, Any]) -> list[Change]:
    """What a build of `files` would redo, apart from what merely grows; `recipe_before` is the corpus's own."""
    changes = []
    units = {unit.name: unit for unit in map(unit_of_file, files)}
    for stage in STAGES:
        receipts = read_receipts(job.corpus, stage.name)
        key = stage.key(job)
        stale = sum(receipt.key != key for receipt in receipts.values())
        if stale:
            now = json.loads(job.recipe.model_dump_json())
            keys = [name for name in job.recipe.keys_of(stage.name) if recipe_before.get(name) != now[name]]
            why = "recipe: " + ", ".join(f"{name} {recipe_before.get(name)} -> {now[name]}" for name in keys)
            changes.append(Change(stage.name, stale, why if keys else "its code or its settings changed"))
        if stage.name == Extract.name:
            altered = [
                name for name, unit in units.items() if name in receipts and receipts[name].inputs != unit.inputs
            ]
            for name in altered:
                changes.append(Change(stage.name, 1, f"the file {units[name].parameters['path']} has changed"))
    return changes


@contextmanager
def locked(corpus: Store) -> Iterator[None]:
    """Keep two builds off one local corpus; the lock goes with the process. Object stores have no such lock.

    Raises:
        BuildError: another build runs.
    """
    if not corpus.is_local:
        yield
        return
    path = Path(corpus.full_path(LOCK))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("w")
    except OSError as error:
        raise BuildError(f"--output {corpus.url} cannot be written: {error}. Name another folder.") from error
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"Another m3w build is writing to {corpus.url}. Wait for it to end.") from None
        yield


def build(job: Job, engine: Engine, stages: Sequence[str], reporter: Reporter) -> int:
    """Run `stages` (names) in their order; returns how many units were done.

    Raises:
        BuildError: a stage that must come before has not run to its end.
        LossError: a stage lost more than the recipe allows.
    """
    job.corpus.clear_scratch()
    done = 0
    for stage in STAGES:
        if stage.name not in stages:
            continue
        units = run_stage(stage, job, engine, reporter)
        if problem := stage.check(job, read_receipts(job.corpus, stage.name).values()):
            raise LossError(problem)
        if stage.name in (Pack.name, Encode.name):
            _index(job)
        done += units
    if Pack.name in stages:
        _warn_of_empty_splits(job, reporter)
    return done


def run_stage(stage: Stage, job: Job, engine: Engine, reporter: Reporter) -> int:
    """Do what is left of `stage`; returns how many units that were."""
    manifests = {}
    for name in stage.reads:
        manifest = read_manifest(job.corpus, name)
        if manifest is None:
            raise BuildError(
                f"Stage '{stage.name}' reads what '{name}' writes, and that is not complete. Run it first."
            )
        manifests[name] = manifest
    if isinstance(stage, UnitStage):
        return _run_units(stage, job, engine, manifests, reporter)
    if isinstance(stage, GroupingStage):
        return _run_groups(stage, job, engine, manifests, reporter)
    raise TypeError(f"{stage!r} is of no kind of stage that can be run")


def _run_units(
    stage: UnitStage, job: Job, engine: Engine, manifests: dict[str, dict[str, Receipt]], reporter: Reporter
) -> int:
    corpus, key = job.corpus, stage.key(job)
    units = {unit.name: unit for unit in stage.units(job, manifests)}
    manifest = read_manifest(corpus, stage.name)
    receipts = read_receipts(corpus, stage.name) if manifest is None else manifest
    pending = _pending(stage, corpus, units, receipts, key)
    if manifest is not None and not pending and manifest.keys() == units.keys():
        return _nothing_to_do(stage, corpus, manifest, reporter)
    delete_manifest(corpus, stage.name)
    if pending:
        stage.prepare(job)
        work_file = _write_work(corpus, stage.name, pending)
        with reporter.stage(stage.name, corpus, total=len(pending)), _failing_in_words(stage.name, corpus):
            engine.run(lambda root: stage.expand(root, job, work_file))
        receipts = read_receipts(corpus, stage.name)
        if left := _pending(stage, corpus, units, receipts, key):
            raise StageError(f"Stage '{stage.name}' ended with {len(left)} units undone, first {left[0].name}.")
    finish(corpus, stage.name, stage.tables, {name: receipts[name] for name in units})
    return len(pending)


def _nothing_to_do(stage: Stage, corpus: Store, manifest: dict[str, Receipt], reporter: Reporter) -> int:
    """Say so, and sweep what a run that was killed after its last receipt left behind."""
    reporter.unchanged(stage.name, manifest.values())
    restore_receipts(corpus, stage.name, manifest)
    sweep(corpus, stage.tables, {output.path for receipt in manifest.values() for output in receipt.outputs})
    return 0


def _pending(stage: Stage, corpus: Store, units: dict[str, Unit], receipts: dict[str, Receipt], key: str) -> list[Unit]:
    present = present_files(corpus, stage.tables)
    return [unit for name, unit in units.items() if not is_done(receipts.get(name), unit.inputs, key, present)]


def _run_groups(
    stage: GroupingStage, job: Job, engine: Engine, manifests: dict[str, dict[str, Receipt]], reporter: Reporter
) -> int:
    """A grouping stage is done whole or not at all: its units are known only once the keys are together."""
    corpus, key = job.corpus, stage.key(job)
    inputs = {name: digest(manifest) for name, manifest in manifests.items()}
    present = present_files(corpus, stage.tables)
    manifest = read_manifest(corpus, stage.name)
    if manifest and all(is_done(receipt, inputs, key, present) for receipt in manifest.values()):
        return _nothing_to_do(stage, corpus, manifest, reporter)
    delete_manifest(corpus, stage.name)
    work_file = _write_work(corpus, stage.name, stage.parts(job, manifests))
    with reporter.stage(stage.name, corpus, total=None), _failing_in_words(stage.name, corpus):
        engine.run(lambda root: stage.expand(root, job, work_file, inputs))
    receipts = read_receipts(corpus, stage.name)
    standing = {name: receipt for name, receipt in receipts.items() if receipt.key == key and receipt.inputs == inputs}
    finish(corpus, stage.name, stage.tables, standing)
    return len(standing)


@contextmanager
def _failing_in_words(stage: str, corpus: Store) -> Iterator[None]:
    """Turn a failed pipeline into one paragraph; what the workers said of it, at length, goes to a file."""
    try:
        yield
    except Exception as error:
        path = f"work/{stage}.error.txt"
        text = "".join(traceback.format_exception(error))
        corpus.write(path, text.encode())
        reason = next((line for line in reversed(str(error).splitlines()) if line.strip()), repr(error))
        raise StageError(
            f"Stage '{stage}' failed: {reason.strip()} What was committed stays: mend the cause and run the same "
            f"command again. The whole traceback is in {corpus.full_path(path)}."
        ) from error


def _write_work(corpus: Store, stage: str, units: Sequence[Unit]) -> str:
    """The stage's units as a file, one in JSON a line; returns its path."""
    path = f"work/{stage}.jsonl"
    corpus.write(path, "".join(f"{unit.to_json()}\n" for unit in units).encode())
    return path


def _index(job: Job) -> None:
    packed, encoded = (read_manifest(job.corpus, stage) for stage in (Pack.name, Encode.name))
    if packed is not None:
        write_index(job.corpus, job.recipe, packed, encoded)


def _warn_of_empty_splits(job: Job, reporter: Reporter) -> None:
    index = json.loads(job.corpus.read(INDEX))
    documents = index["totals"]["documents"]
    empty = [split for split, totals in index["splits"].items() if not totals["rows"]]
    if not documents:
        reporter.warn(f"No document reached the shards: `m3w status {job.corpus_url}` shows where they were dropped.")
    elif empty:
        reporter.warn(
            f"The {empty[0]} split is empty: sites are split by hash, and these {documents} documents are of few. "
            f"Set another share of the sites (now {job.recipe.validation_share}) with --set validation_share=SHARE "
            "--accept-changes, or build more sites."
        )
