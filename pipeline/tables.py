"""The stage contract: tables of parts, receipts as commits, manifests, resume.

A stage turns tables into tables, unit by unit. For every unit it writes the data files (named by their content), and
then one receipt, which names exactly these files: the receipt is the commit. Files that no receipt names do not exist
for a reader, and are swept. A receipt also says what the unit was made from, so that

    a unit is done  <=>  a receipt stands whose `key` (recipe keys and output version) and `inputs` are the present ones
                         and whose files are there.

When all units of a stage are done, their receipts are compacted into one Parquet manifest, which the next stage reads.
A manifest stands exactly as long as its stage is complete: it is deleted before a unit is redone.

Whatever the order of runs, kills, duplicates and added inputs, the tables end as a function of the inputs alone.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import UserError
from pipeline.store import Store, stream_sha256
from schemas.version import check, table_schema
from schemas.version import field as column

MANIFEST = table_schema(
    "manifest",
    "1.0",
    [
        column("unit", pa.string(), "name of the unit"),
        column("receipt", pa.string(), "its receipt as JSON, without the diagnostics"),
    ],
)


class DamagedManifestError(UserError):
    """A manifest that is no Parquet file any more."""


@dataclass
class Tally:
    """What became of a population (records, documents, images, bytes): taken = all of `out` + all of `dropped`."""

    taken: int = 0
    out: dict[str, int] = field(default_factory=dict)  # by where it went
    dropped: dict[str, int] = field(default_factory=dict)  # by reason

    def keep(self, where: str, count: int = 1) -> None:
        self.taken += count
        self.out[where] = self.out.get(where, 0) + count

    def drop(self, reason: str, count: int = 1) -> None:
        self.taken += count
        self.dropped[reason] = self.dropped.get(reason, 0) + count

    def add(self, other: "Tally") -> None:
        for where, count in other.out.items():
            self.keep(where, count)
        for reason, count in other.dropped.items():
            self.drop(reason, count)

    @property
    def adds_up(self) -> bool:
        return self.taken == sum(self.out.values()) + sum(self.dropped.values())

    @property
    def dropped_share(self) -> float:
        return sum(self.dropped.values()) / self.taken if self.taken else 0.0


@dataclass(frozen=True)
class OutputFile:
    """One data file of a part."""

    table: str
    path: str  # relative to the corpus
    size_bytes: int
    sha256: str
    rows: int | None = None  # of a Parquet file
    facts: dict[str, Any] = field(default_factory=dict)  # what the table's readers want to know before they open it


@dataclass(frozen=True)
class Unit:
    """A piece of a stage's work: what it is called, the hashes of what it reads, and what the stage needs to know."""

    name: str
    inputs: dict[str, str]
    parameters: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "Unit":
        return Unit(**json.loads(text))


@dataclass(frozen=True)
class Receipt:
    """The commit of one unit."""

    stage: str
    unit: str
    key: str
    inputs: dict[str, str]
    outputs: list[OutputFile]
    tallies: dict[str, Tally]
    samples: list[dict[str, Any]] = field(default_factory=list)  # a few of what was dropped, to look at
    diagnostics: dict[str, Any] = field(default_factory=dict)  # elapsed times and the like: not compared

    def to_json(self, *, diagnostics: bool) -> str:
        content = asdict(self)
        if not diagnostics:
            del content["diagnostics"]
        return json.dumps(content, sort_keys=True)

    @staticmethod
    def from_json(text: str | bytes) -> "Receipt":
        content = json.loads(text)
        content["outputs"] = [OutputFile(**output) for output in content["outputs"]]
        content["tallies"] = {name: Tally(**tally) for name, tally in content["tallies"].items()}
        return Receipt(**content)

    def files(self, table: str, suffix: str = "") -> list[OutputFile]:
        return [output for output in self.outputs if output.table == table and output.path.endswith(suffix)]

    def file(self, table: str) -> OutputFile:
        """The one Parquet file of `table`."""
        (output,) = self.files(table, ".parquet")
        return output


def receipt_path(stage: str, unit: str) -> str:
    return f"receipts/{stage}/{unit}.json"


def manifest_path(stage: str) -> str:
    return f"manifests/{stage}.parquet"


def publish(
    store: Store,
    local: Path,
    table: str,
    unit: str,
    *,
    expected: pa.Schema | None = None,
    facts: dict[str, Any] | None = None,
) -> OutputFile:
    """Check the finished file `local` and publish it in `table` under the unit's name and its content's hash.

    Raises:
        OSError, pa.ArrowInvalid: the file cannot be read back.
        SchemaError: it does not hold the table `expected`.
    """
    rows = None
    if expected is not None:
        written = pq.ParquetFile(local)
        check(written.schema_arrow, expected, str(local))
        rows = written.metadata.num_rows
    with local.open("rb") as data:
        sha256 = stream_sha256(data)
    path = f"{table}/{unit}.{sha256[:16]}{''.join(local.suffixes)}"
    size_bytes = local.stat().st_size
    if not store.exists(path):
        store.put(local, path)
    return OutputFile(table, path, size_bytes, sha256, rows, facts or {})


def commit(store: Store, receipt: Receipt) -> None:
    """Write the receipt: from here on the unit's files are the part.

    Raises:
        ValueError: its counts do not add up.
    """
    for population, tally in receipt.tallies.items():
        if not tally.adds_up:
            raise ValueError(f"Counts of {population} in unit {receipt.unit} of {receipt.stage} do not add up: {tally}")
    store.write(receipt_path(receipt.stage, receipt.unit), receipt.to_json(diagnostics=True).encode())


def read_receipts(store: Store, stage: str) -> dict[str, Receipt]:
    """All receipts that stand, by unit, in order of their names: from the manifest where there is one."""
    manifest = read_manifest(store, stage)
    if manifest is not None:
        return manifest
    paths = sorted(path for path in store.listing(f"receipts/{stage}") if path.endswith(".json"))
    receipts = [Receipt.from_json(text) for text in store.read_many(paths)]
    return {receipt.unit: receipt for receipt in receipts}


def read_manifest(store: Store, stage: str) -> dict[str, Receipt] | None:
    """The receipts of a complete stage by unit; None while it is not complete."""
    path = manifest_path(stage)
    if not store.exists(path):
        return None
    try:
        table = read_part(store, path, MANIFEST)
    except pa.ArrowException as error:
        raise DamagedManifestError(
            f"{path} in {store.url} cannot be read ({error}). Delete it: the next m3w build makes it again from the "
            "receipts."
        ) from error
    receipts = [Receipt.from_json(text) for text in table["receipt"].to_pylist()]
    return {receipt.unit: receipt for receipt in receipts}


def write_manifest(store: Store, stage: str, receipts: Iterable[Receipt]) -> None:
    ordered = sorted(receipts, key=lambda receipt: receipt.unit)
    table = pa.table(
        {
            "unit": [receipt.unit for receipt in ordered],
            "receipt": [receipt.to_json(diagnostics=False) for receipt in ordered],
        },
        schema=MANIFEST,
    )
    with store.scratch() as folder:
        pq.write_table(table, folder / "manifest.parquet", compression="zstd")
        store.put(folder / "manifest.parquet", manifest_path(stage))


def delete_manifest(store: Store, stage: str) -> None:
    store.delete(manifest_path(stage))


def digest(receipts: Mapping[str, Receipt]) -> str:
    """One hash for all that a stage put out: equal exactly when every part holds the same bytes."""
    content = [[unit, sorted(o.sha256 for o in receipt.outputs)] for unit, receipt in sorted(receipts.items())]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def is_done(receipt: Receipt | None, unit_inputs: Mapping[str, str], key: str, present: set[str]) -> bool:
    """Whether `receipt` is of just these inputs and this key, and all its files are `present`."""
    return (
        receipt is not None
        and receipt.key == key
        and receipt.inputs == unit_inputs
        and all(output.path in present for output in receipt.outputs)
    )


def present_files(store: Store, tables: Sequence[str]) -> set[str]:
    return {path for table in tables for path in store.listing(table)}


def finish(store: Store, stage: str, tables: Sequence[str], standing: Mapping[str, Receipt]) -> None:
    """End a stage: forget units that are no longer asked for, write the manifest, sweep what no receipt names.

    `standing` are the receipts that count. Raises FileNotFoundError if a file that they name is missing.
    """
    present = present_files(store, tables)
    named = {output.path for receipt in standing.values() for output in receipt.outputs}
    missing = sorted(named - present)
    if missing:
        raise FileNotFoundError(f"{missing[0]} is named by a receipt of '{stage}' but is gone; run the build again.")
    wanted = {receipt_path(stage, unit) for unit in standing}
    for path in store.listing(f"receipts/{stage}"):
        if path not in wanted:
            store.delete(path)
    write_manifest(store, stage, standing.values())
    sweep(store, tables, named)


def restore_receipts(store: Store, stage: str, manifest: Mapping[str, Receipt]) -> None:
    """Write again what a worker that its engine had given up wrote over after the stage had ended."""
    paths = {receipt_path(stage, unit): receipt for unit, receipt in manifest.items()}
    present = sorted(paths.keys() & store.listing(f"receipts/{stage}").keys())
    found = dict(zip(present, store.read_many(present), strict=True))
    for path, receipt in paths.items():
        if path not in found or not _says(found[path], receipt):
            store.write(path, receipt.to_json(diagnostics=True).encode())


def _says(text: bytes, receipt: Receipt) -> bool:
    try:
        return Receipt.from_json(text).to_json(diagnostics=False) == receipt.to_json(diagnostics=False)
    except (ValueError, TypeError, KeyError):
        return False


def sweep(store: Store, tables: Sequence[str], named: set[str]) -> None:
    """Delete the files in `tables` that no receipt names: leavings of killed or repeated attempts."""
    for path in present_files(store, tables) - named:
        store.delete(path)


def total(receipts: Iterable[Receipt]) -> dict[str, Tally]:
    """The receipts' tallies added up, by population."""
    totals: dict[str, Tally] = {}
    for receipt in receipts:
        for population, tally in receipt.tallies.items():
            totals.setdefault(population, Tally()).add(tally)
    return totals


def read_part(store: Store, path: str, expected: pa.Schema, columns: list[str] | None = None) -> pa.Table:
    """One part's table, or some of its columns.

    Without Arrow's threads, here and wherever a Python file is read: one that still holds the file when the interpreter
    ends aborts it.

    Raises:
        SchemaError: the file is not of the table `expected`, or of a major version that we do not know.
    """
    with store.open(path) as data:
        parquet = pq.ParquetFile(data)
        check(parquet.schema_arrow, expected, path)
        return parquet.read(columns=columns, use_threads=False)


def iterate_part(store: Store, path: str, expected: pa.Schema, columns: list[str] | None = None) -> Iterator[Any]:
    """The rows of one part as dictionaries, a batch in memory at a time."""
    with store.open(path) as data:
        parquet = pq.ParquetFile(data)
        check(parquet.schema_arrow, expected, path)
        for batch in parquet.iter_batches(batch_size=512, columns=columns, use_threads=False):
            yield from batch.to_pylist()


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """`rows` in lists of `size`, the last one shorter (itertools has it from Python 3.12 on)."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
