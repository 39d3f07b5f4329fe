"""What a build says while it runs: finished parts and records, counted from the receipts, on any engine."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.store import Store
from pipeline.tables import Receipt, Tally, total

LOCAL_INTERVAL_S = 1
REMOTE_INTERVAL_S = 30  # listings and reads of an object store cost money
PLAIN_INTERVAL_S = 10  # between lines where there is no terminal


class Reporter:
    """Writes to `console`: a live display in a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def unchanged(self, stage: str, receipts: Iterable[Receipt]) -> None:
        self.console.print(f"{stage}: nothing to do ({_counts(total(receipts))})", highlight=False)

    def warn(self, message: str) -> None:
        self.console.print(f"Warning: {message}", style="yellow", highlight=False)

    @contextmanager
    def stage(self, name: str, corpus: Store, total: int | None) -> Iterator[None]:
        """Show the stage `name` while it runs; `total` is its number of units, None if not known before."""
        watch = _Watch(name, corpus)
        stop = threading.Event()
        show = self._show_live if self.console.is_terminal else self._show_lines
        thread = threading.Thread(target=show, args=(watch, total, stop), daemon=True)
        started = time.perf_counter()
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        watch.look()
        elapsed_s = time.perf_counter() - started
        self.console.print(
            f"{name}: {watch.units} parts in {elapsed_s:.1f} s ({_counts(watch.totals)})", highlight=False
        )

    def _show_live(self, watch: "_Watch", total: int | None, stop: threading.Event) -> None:
        columns = [
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[counts]}"),
        ]
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(watch.stage, total=total, counts="")
            while not stop.wait(watch.interval_s):
                watch.look()
                progress.update(task, completed=watch.units, counts=_counts(watch.totals))

    def _show_lines(self, watch: "_Watch", total: int | None, stop: threading.Event) -> None:
        while not stop.wait(max(watch.interval_s, PLAIN_INTERVAL_S)):
            watch.look()
            of = f" of {total}" if total is not None else ""
            self.console.print(f"{watch.stage}: {watch.units}{of} parts, {_counts(watch.totals)}", highlight=False)


class _Watch:
    """The receipts of one stage that were written since the watch began."""

    def __init__(self, stage: str, corpus: Store) -> None:
        self.stage = stage
        self.interval_s = LOCAL_INTERVAL_S if corpus.is_local else REMOTE_INTERVAL_S
        self.units = 0
        self.totals: dict[str, Tally] = {}
        self._corpus = corpus
        self._folder = f"receipts/{stage}"
        self._seen = self._marks()

    def look(self) -> None:
        marks = self._marks()
        fresh = [path for path, mark in marks.items() if self._seen.get(path) != mark]
        self._seen = marks
        receipts = [Receipt.from_json(text) for text in self._corpus.read_many(fresh)]
        self.units += len(receipts)
        for population, tally in total(receipts).items():
            self.totals.setdefault(population, Tally()).add(tally)

    def _marks(self) -> dict[str, Any]:
        """What tells a receipt from an earlier one of the same name, by path."""
        return {
            path: [info.get(key) for key in ("ino", "mtime", "ETag", "etag", "LastModified", "updated", "size")]
            for path, info in self._corpus.listing(self._folder).items()
        }


def _counts(totals: dict[str, Tally]) -> str:
    """'documents 120 in, 80 kept, 40 dropped; ...'"""
    described = []
    for population, tally in totals.items():
        if population != "bytes" or tally.dropped:  # bytes are worth a word where some were lost
            out = ", ".join(f"{count:,} {where}" for where, count in sorted(tally.out.items()))
            dropped = sum(tally.dropped.values())
            described.append(f"{population}: {out or 0}" + (f", {dropped:,} dropped" if dropped else ""))
    return "; ".join(described) or "nothing"
