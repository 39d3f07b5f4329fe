"""What a stage is: a name, the tables it writes, and a Beam graph that commits one receipt a unit.

Two kinds: a `UnitStage` knows its units before it runs (a WARC file, a shard) and needs no shuffle but the one that
spreads them; a `GroupingStage` brings keys from all parts together and finds its units on the way.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import apache_beam as beam

from pipeline.job import Job
from pipeline.store import Store
from pipeline.tables import OutputFile, Receipt, Tally, Unit, commit, total
from pipeline.web import counted_retries

SAMPLES_PER_REASON = 3


@dataclass
class Outcome:
    """What became of one unit."""

    outputs: list[OutputFile] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    diagnostics: dict[str, Any] = field(default_factory=dict)

    def tally(self, population: str) -> Tally:
        return self.tallies.setdefault(population, Tally())

    def keep(self, population: str, where: str, count: int = 1) -> None:
        self.tally(population).keep(where, count)

    def drop(self, population: str, reason: str, count: int = 1, **what: Any) -> None:
        """Count a drop, and keep the first few of every reason as samples that say `what` was dropped."""
        self.tally(population).drop(reason, count)
        sampled = sum(sample["population"] == population and sample["reason"] == reason for sample in self.samples)
        if what and sampled < SAMPLES_PER_REASON:
            self.samples.append({"population": population, "reason": reason, **what})


class Stage(ABC):
    """One table-to-table step. Instances hold no state: they travel to the workers."""

    name: ClassVar[str]
    tables: ClassVar[tuple[str, ...]]
    version: ClassVar[int]  # raised when a change of the code changes the bytes
    reads: ClassVar[tuple[str, ...]] = ()  # stages whose manifests it reads

    def key(self, job: Job) -> str:
        """What the receipts of this stage are made with: equal key and equal inputs mean equal bytes."""
        return job.recipe.key_hash(self.name, self.version, self.extra_key(job))

    def extra_key(self, job: Job) -> dict[str, str]:  # noqa: ARG002  (the default needs none)
        """Settings beside the recipe that change the bytes."""
        return {}

    def prepare(self, job: Job) -> None:
        """In the driver, before work is handed out: raise an error in words for what would fail every unit."""
        del job

    def check(self, job: Job, receipts: Iterable[Receipt]) -> str | None:
        """After the stage: why too much was lost for the result to count, or None."""
        del job, receipts
        return None


class UnitStage(Stage):
    @abstractmethod
    def units(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        """All units of the stage: a function of the manifests of the stages that it `reads`."""

    @abstractmethod
    def run_unit(self, unit: Unit, job: Job) -> Outcome:
        """Do one unit and publish its files; the caller writes the receipt."""

    def expand(self, root: beam.Pipeline, job: Job, work_file: str) -> None:
        """The graph: units from a file that the driver wrote, one Reshuffle, then one bundle element a unit."""
        _ = spread_units(root, job, work_file) | self.name >> beam.ParDo(_RunUnit(self, job))


class GroupingStage(Stage):
    @abstractmethod
    def expand(self, root: beam.Pipeline, job: Job, work_file: str, inputs: dict[str, str]) -> None:
        """The graph from the parts in the work file to a `CommitGroups`, which writes receipts with `inputs`."""

    @abstractmethod
    def parts(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        """What the workers read, one element each; they do not get receipts of their own."""

    @abstractmethod
    def write(self, group: str, elements: Any, job: Job) -> Iterator[tuple[str, Outcome]]:
        """Publish the files of one group: one or more units."""


def lost_images(job: Job, receipts: Iterable[Receipt], what: str) -> str | None:
    """Why too many images were lost that fetch could read; None within the recipe's `max_unreadable_share`."""
    images = total(receipts).get("images", Tally())
    if images.dropped_share <= job.recipe.max_unreadable_share:
        return None
    return (
        f"{images.dropped_share:.1%} of the kept images {what} ({images.dropped}), more than the recipe's "
        f"max_unreadable_share of {job.recipe.max_unreadable_share:.1%}. Were crawl or archive files moved or changed? "
        "Point to them with --root NAME=FOLDER, or allow the loss with --set max_unreadable_share=SHARE."
    )


def spread_units(root: beam.Pipeline, job: Job, work_file: str) -> beam.PCollection:
    """The units of the work file in JSON, one Reshuffle away from it: else the whole stage would be one bundle."""
    return (
        root
        | "Work file" >> beam.Create([work_file])
        | "Units" >> beam.FlatMap(read_units, corpus_url=job.corpus_url)
        | "Spread" >> beam.Reshuffle()
    )


def read_units(work_file: str, corpus_url: str) -> Iterator[str]:
    """The lines of the work file: one unit in JSON each."""
    yield from Store(corpus_url).read(work_file).decode().splitlines()


def commit_outcome(stage: Stage, job: Job, unit: str, inputs: dict[str, str], outcome: Outcome) -> None:
    commit(
        job.corpus,
        Receipt(
            stage=stage.name,
            unit=unit,
            key=stage.key(job),
            inputs=inputs,
            outputs=sorted(outcome.outputs, key=lambda output: (output.table, output.path)),
            tallies=outcome.tallies,
            samples=outcome.samples,
            diagnostics=outcome.diagnostics,
        ),
    )


class _RunUnit(beam.DoFn):
    def __init__(self, stage: UnitStage, job: Job) -> None:
        self._stage = stage
        self._job = job

    def process(self, line: str) -> None:
        unit = Unit.from_json(line)
        started = time.perf_counter()
        with counted_retries() as retries:
            outcome = self._stage.run_unit(unit, self._job)
        outcome.diagnostics["elapsed_s"] = round(time.perf_counter() - started, 3)
        outcome.diagnostics["retries"] = dict(sorted(retries.items()))
        commit_outcome(self._stage, self._job, unit.name, unit.inputs, outcome)


class CommitGroups(beam.DoFn):
    """Writes the part of every group: `write(group name, its elements, job)` gives units and their outcomes."""

    def __init__(self, stage: GroupingStage, job: Job, inputs: dict[str, str]) -> None:
        self._stage = stage
        self._job = job
        self._inputs = inputs

    def process(self, group: tuple[str, Any]) -> None:
        name, elements = group
        for unit, outcome in self._stage.write(name, elements, self._job):
            commit_outcome(self._stage, self._job, unit, self._inputs, outcome)
