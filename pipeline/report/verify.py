"""`m3w verify`: every receipt, hash, count and schema of a corpus, and what no receipt names."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.corpus import INDEX_TABLE, read_index_parts
from pipeline.index import INDEX, SHARD_TABLE
from pipeline.stages.stage import Stage
from pipeline.store import Store, stream_sha256
from pipeline.tables import (
    DamagedManifestError,
    OutputFile,
    Receipt,
    present_files,
    read_manifest,
    read_part,
    receipt_path,
    total,
)
from schemas import archive, document_selection, documents, features, image_requests, image_selection, images, shards
from schemas.index import SHARD_INDEX
from schemas.index_rows import INDEX_ROWS
from schemas.version import SchemaError, check

SCHEMAS = {
    INDEX_TABLE: INDEX_ROWS,
    "documents": documents.DOCUMENTS,
    "archive": archive.ARCHIVE,
    "document_selection": document_selection.DOCUMENT_SELECTION,
    "image_requests": image_requests.IMAGE_REQUESTS,
    "images": images.IMAGES,
    "image_selection": image_selection.IMAGE_SELECTION,
    "shards": shards.SHARDS,
    "features": features.FEATURES,
}

# What one stage puts out is what the next one takes: (stage, population, where), (stage, population).
HANDOVERS = (
    (("extract", "records", "documents"), ("dedupe", "documents")),
    (("dedupe", "documents", "kept"), ("pack", "documents")),
    (("locate", "image_references", "image_requests"), ("fetch", "images")),
    (("select", "image_references", "kept"), ("pack", "images")),
    (("pack", "images", None), ("encode", "images")),
    (("pack", "rows", None), ("encode", "rows")),
)


def verify(corpus: Store, stages: tuple[Stage, ...]) -> Iterator[str]:
    """Every problem of the corpus in a sentence; nothing if it is sound."""
    yield from _files(corpus, (INDEX_TABLE,), read_index_parts(corpus))
    manifests: dict[str, dict[str, Receipt]] = {}
    for stage in stages:
        try:
            manifest = read_manifest(corpus, stage.name)
        except DamagedManifestError as error:
            yield str(error)
            continue
        if manifest is None:
            if corpus.listing(f"receipts/{stage.name}"):
                yield f"Stage '{stage.name}' is not complete: it has receipts, but no manifest."
            continue
        manifests[stage.name] = manifest
        yield from _receipts(corpus, stage.name, manifest)
        yield from _files(corpus, stage.tables, [file for receipt in manifest.values() for file in receipt.outputs])
    yield from _handovers(manifests)
    yield from _index(corpus, manifests)


def _receipts(corpus: Store, stage: str, manifest: dict[str, Receipt]) -> Iterator[str]:
    expected = {receipt_path(stage, unit) for unit in manifest}
    found = set(corpus.listing(f"receipts/{stage}"))
    yield from (f"{path} is missing." for path in sorted(expected - found))
    yield from (f"{path} is in no manifest." for path in sorted(found - expected))
    present = sorted(expected & found)
    for path, text in zip(present, corpus.read_many(present), strict=True):
        try:
            receipt = Receipt.from_json(text)
        except (ValueError, TypeError, KeyError) as error:
            yield f"{path} is no receipt: {error!r}."
            continue
        if receipt.to_json(diagnostics=False) != manifest[receipt.unit].to_json(diagnostics=False):
            yield f"{path} differs from its copy in the manifest."
        for population, tally in receipt.tallies.items():
            if not tally.adds_up:
                yield f"{path}: the counts of {population} do not add up: {tally}."


def _files(corpus: Store, tables: Sequence[str], files: Iterable[OutputFile]) -> Iterator[str]:
    outputs = {output.path: output for output in files}
    present = present_files(corpus, tables)
    yield from (f"{path} is named by a receipt, but is missing." for path in sorted(outputs.keys() - present))
    yield from (
        f"{path} is named by no receipt; the next build sweeps it." for path in sorted(present - outputs.keys())
    )
    for path in sorted(outputs.keys() & present):
        output = outputs[path]
        with corpus.open(path) as data:
            sha256 = stream_sha256(data)
        if sha256 != output.sha256:
            yield f"{path} has SHA-256 {sha256}, its receipt says {output.sha256}."
            continue
        if not path.endswith(".parquet"):
            continue
        try:
            with corpus.open(path) as data:
                parquet = pq.ParquetFile(data)
                check(parquet.schema_arrow, SCHEMAS[output.table], path)
                if parquet.metadata.num_rows != output.rows:
                    yield f"{path} has {parquet.metadata.num_rows} rows, its receipt says {output.rows}."
        except (SchemaError, pa.ArrowException, OSError) as error:
            yield str(error)


def _handovers(manifests: dict[str, dict[str, Receipt]]) -> Iterator[str]:
    totals = {stage: total(manifest.values()) for stage, manifest in manifests.items()}
    for (giver, population, where), (taker, taken_population) in HANDOVERS:
        if giver not in totals or taker not in totals:
            continue
        out = totals[giver][population].out if population in totals[giver] else {}
        given = out.get(where, 0) if where else sum(out.values())
        tally = totals[taker].get(taken_population)
        taken = tally.taken if tally else 0
        if given != taken:
            yield f"{giver} put out {given} {population}, but {taker} took {taken}."


def _index(corpus: Store, manifests: dict[str, dict[str, Receipt]]) -> Iterator[str]:
    if "pack" not in manifests:
        return
    for path in (INDEX, SHARD_TABLE):
        if not corpus.exists(path):
            yield f"{path} is missing although pack is complete; the next build makes it again."
            return
    try:
        index = json.loads(corpus.read(INDEX))
    except ValueError as error:
        yield f"{INDEX} is not JSON ({error}); the next build makes it again."
        return
    if hashlib.sha256(corpus.read(SHARD_TABLE)).hexdigest() != index["shards"]["sha256"]:
        yield f"{SHARD_TABLE} is not the one that {INDEX} names."
        return
    rows = read_part(corpus, SHARD_TABLE, SHARD_INDEX).to_pylist()
    named = {row["shard_file"]: row["shard_sha256"] for row in rows}
    packed = {output.path: output.sha256 for receipt in manifests["pack"].values() for output in receipt.outputs}
    if named != packed:
        yield f"{INDEX} and the receipts of pack name different shards."
    if sum(row["rows"] for row in rows) != index["totals"]["rows"]:
        yield f"{INDEX}: the totals are not those of {SHARD_TABLE}."
