"""The funnel of a corpus: what every stage took, put out and dropped, from its receipts."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from pipeline.store import Store
from pipeline.tables import Receipt, Tally, Unit, read_manifest, read_receipts, total


class StageState(NamedTuple):
    stage: str
    is_complete: bool
    receipts: dict[str, Receipt]

    @property
    def totals(self) -> dict[str, Tally]:
        return total(self.receipts.values())


def stage_states(corpus: Store, stages: tuple[str, ...]) -> Iterator[StageState]:
    for stage in stages:
        yield StageState(stage, read_manifest(corpus, stage) is not None, read_receipts(corpus, stage))


def show_status(corpus: Store, stages: tuple[str, ...], console: Console) -> None:
    """Print what is done, what is left, and the funnel so far."""
    table = Table("stage", "parts", "what", "in", "out", "dropped by reason", title=corpus.url, title_justify="left")
    losses = []
    for state in stage_states(corpus, stages):
        first = (state.stage, _progress(state, corpus))
        if not state.receipts:
            table.add_row(state.stage, "", "[dim]not started[/dim]" if not state.is_complete else "nothing to do")
        for population, tally in state.totals.items():
            out = ", ".join(f"{count:,} {where}" for where, count in sorted(tally.out.items()))
            table.add_row(*first, population, f"{tally.taken:,}", out, _reasons(tally))
            first = ("", "")
        losses += [sample for r in state.receipts.values() for sample in r.samples if sample["population"] == "bytes"]
        table.add_section()
    console.print(table)
    for sample in losses:
        console.print(f"Damaged: {sample['file']} at byte {sample['offset']:,} ({sample['reason']})", highlight=False)


def _progress(state: StageState, corpus: Store) -> str:
    """Parts that are done and, while the stage is not complete, how many of the last run's are left."""
    if state.is_complete or not state.receipts:
        return str(len(state.receipts))
    work_file = f"work/{state.stage}.jsonl"
    units = [Unit.from_json(line) for line in corpus.read(work_file).decode().splitlines()]
    left = sum(unit.name not in state.receipts or state.receipts[unit.name].inputs != unit.inputs for unit in units)
    # The parts that a grouping stage reads are not the units that it writes; they have no inputs of their own.
    return f"{len(state.receipts)} done, {left} left" if units and units[0].inputs else f"{len(state.receipts)} so far"


def _reasons(tally: Tally) -> str:
    ordered = sorted(tally.dropped.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"{count:,} {reason}" for reason, count in ordered)
