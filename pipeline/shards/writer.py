"""The shard files of one pack unit: one open at a time for each split, closed when it is large enough."""

from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.parts import PartWriter
from pipeline.recipe import Recipe
from pipeline.store import Store
from pipeline.tables import OutputFile, publish
from schemas.shards import SHARDS


class ShardWriter:
    """Writes rows to local files `<split>-<unit>-<number>.parquet`; `publish` puts the closed ones in place."""

    def __init__(self, folder: Path, unit: str, recipe: Recipe) -> None:
        self._folder, self._unit, self._recipe = folder, unit, recipe
        self._shards: list[_Shard] = []
        self._open: dict[str, _Shard] = {}

    def __enter__(self) -> "ShardWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for shard in self._open.values():
            shard.writer.__exit__(kind, error, trace)

    def add(self, split: str, rows: list[dict[str, Any]]) -> None:
        """Add all rows of one document, so that they stay in one shard."""
        if split not in self._open:
            number = sum(shard.split == split for shard in self._shards)
            shard = _Shard(split, self._folder / f"{split}-{self._unit}-{number:05d}.parquet", self._recipe)
            self._shards.append(shard)
            self._open[split] = shard
        shard = self._open[split]
        for row in rows:
            shard.add(row)
        if shard.size_bytes >= self._recipe.max_shard_bytes:
            self._open.pop(split).writer.close()

    def publish(self, corpus: Store) -> list[OutputFile]:
        """Close what is open and publish every shard."""
        while self._open:
            self._open.popitem()[1].writer.close()
        return [
            publish(corpus, shard.writer.path, "shards", shard.writer.path.stem, expected=SHARDS, facts=shard.facts())
            for shard in self._shards
        ]


class _Shard:
    def __init__(self, split: str, path: Path, recipe: Recipe) -> None:
        self.split = split
        self.size_bytes = 0
        self.counts: Counter[str] = Counter()
        self.writer = PartWriter(path, SHARDS, row_group_bytes=recipe.row_group_bytes)

    def add(self, row: dict[str, Any]) -> None:
        size_bytes = len(row["text"]) + sum(map(len, row["image_bytes"])) + 1000
        self.writer.add(row, size_bytes)
        self.size_bytes += size_bytes
        self.counts["documents"] += row["part_index"] == 0
        self.counts["images"] += len(row["images"])

    def facts(self) -> dict[str, Any]:
        return {"split": self.split, **self.counts, "row_group_rows": self.writer.row_group_rows}
