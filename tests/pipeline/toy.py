"""Two tiny stages on the real contract, and an engine that runs their units in any order, twice, or not to the end."""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline.build import run_stage
from pipeline.corpus import CRAWL, CrawlFile, grow, read_inputs, write_inputs
from pipeline.job import Job
from pipeline.progress import Reporter
from pipeline.recipe import Recipe
from pipeline.stages.stage import GroupingStage, Outcome, Stage, UnitStage, commit_outcome, read_units
from pipeline.store import Store
from pipeline.tables import OutputFile, Receipt, Unit, publish


class Killed(BaseException):
    """The process is gone. Not an `Exception`, so that nothing on the way can handle it."""


class Split(UnitStage):
    """Each input file (words) to two files: its words sorted, and its length."""

    name = "split"
    tables = ("words", "lengths")
    version = 1

    def units(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        return [Unit(file.path, {"version": file.version}, {"path": file.path}) for file in read_inputs(job.corpus)]

    def run_unit(self, unit: Unit, job: Job) -> Outcome:
        words = job.root(CRAWL).read(unit.parameters["path"]).decode().split()
        outcome = Outcome()
        outcome.keep("words", "words", len(words))
        with job.corpus.scratch() as folder:
            outcome.outputs = [
                _publish(job, folder, "words", unit.name, " ".join(sorted(words))),
                _publish(job, folder, "lengths", unit.name, str(len(words))),
            ]
        return outcome

    def expand(self, root: Any, job: Job, work_file: str) -> None:
        for unit in root.shuffled([Unit.from_json(line) for line in read_units(work_file, job.corpus_url)]):
            commit_outcome(self, job, unit.name, unit.inputs, self.run_unit(unit, job))


class Group(GroupingStage):
    """All words by their first letter: which units there are shows only once the words are together."""

    name = "group"
    tables = ("letters",)
    version = 1
    reads = ("split",)

    def parts(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        return [Unit(name, {}, {"path": r.files("words")[0].path}) for name, r in manifests["split"].items()]

    def expand(self, root: Any, job: Job, work_file: str, inputs: dict[str, str]) -> None:
        groups: dict[str, list[str]] = {}
        for line in read_units(work_file, job.corpus_url):
            for word in job.corpus.read(Unit.from_json(line).parameters["path"]).decode().split():
                groups.setdefault(word[0], []).append(word)
        for letter, words in root.shuffled(list(groups.items())):
            for unit, outcome in self.write(letter, words, job):
                commit_outcome(self, job, unit, inputs, outcome)

    def write(self, group: str, elements: Iterable[str], job: Job) -> Iterator[tuple[str, Outcome]]:
        words = sorted(elements)
        outcome = Outcome()
        outcome.keep("words", group, len(words))
        with job.corpus.scratch() as folder:
            outcome.outputs = [_publish(job, folder, "letters", group, " ".join(words))]
        yield group, outcome


def _publish(job: Job, folder: Path, table: str, unit: str, content: str) -> OutputFile:
    path = folder / f"{table}.txt"
    path.write_text(content)
    return publish(job.corpus, path, table, unit)


STAGES: tuple[Stage, ...] = (Split(), Group())


class DisorderlyEngine:
    """Runs the units of a stage in a random order, some of them twice, as a cluster may."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def shuffled(self, units: list[Any]) -> list[Any]:
        twice = [unit for unit in units if self.random.random() < 0.3]
        units = units + twice
        self.random.shuffle(units)
        return units

    def run(self, expand: Callable[[Any], None]) -> None:
        expand(self)


def run_toy(corpus: Path, crawl: Path, names: Iterable[str], seed: int = 0) -> int:
    """Add the files `names` of `crawl` to the inputs and run both stages; returns how many units were done."""
    store = Store(str(corpus))
    job = Job(str(corpus), Recipe(), {CRAWL: str(crawl)}, datetime(2024, 1, 1, tzinfo=UTC))
    added = [CrawlFile(CRAWL, name, (crawl / name).stat().st_size, (crawl / name).read_text()) for name in names]
    write_inputs(store, grow(read_inputs(store), added))
    reporter = Reporter(Console(quiet=True))
    engine: Any = DisorderlyEngine(seed)
    return sum(run_stage(stage, job, engine, reporter) for stage in STAGES)
