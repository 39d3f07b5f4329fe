"""encode: one shard to one `features/` part with the same rows in the same order."""

from collections.abc import Iterable

import fsspec

from pipeline.errors import UserError
from pipeline.job import Job
from pipeline.parts import PartWriter
from pipeline.stages.stage import Outcome, UnitStage, lost_images
from pipeline.tables import Receipt, Unit, batched, iterate_part, publish
from schemas.features import FEATURES
from schemas.shards import SHARDS

# Rows that are in memory at once: five images of 320 px are some 10 MB of pixels a row at most.
ROWS_PER_BATCH = 32


class Encode(UnitStage):
    name = "encode"
    tables = ("features",)
    version = 1
    reads = ("pack",)

    def units(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        weights = _weights_version(job.recipe.encoder_weights)
        return [
            Unit(
                name=shard.path.removeprefix("shards/").split(".")[0],
                inputs={"shard": shard.sha256, "weights": weights},
                parameters={"shard": shard.path},
            )
            for receipt in manifests["pack"].values()
            for shard in receipt.outputs
        ]

    def prepare(self, job: Job) -> None:
        from pipeline.encode.shard import check_encoder

        check_encoder(job.recipe)

    def run_unit(self, unit: Unit, job: Job) -> Outcome:
        # Imported here: torch is an extra that only this stage needs.
        from pipeline.encode.shard import encode_rows, recipe_encoder

        encoder = recipe_encoder(job.recipe)
        outcome = Outcome()
        with job.corpus.scratch() as folder:
            path = folder / "part.parquet"
            metadata = encoder.facts.to_metadata()
            with PartWriter(path, FEATURES, metadata=metadata, row_group_bytes=job.recipe.row_group_bytes) as part:
                for rows in batched(iterate_part(job.corpus, unit.parameters["shard"], SHARDS), ROWS_PER_BATCH):
                    for row in encode_rows(rows, encoder):
                        features = [grid or b"" for grid in row["image_features"]]
                        part.add(row, size_bytes=len(row["text"]) + sum(map(len, features)) + 1000)
                        outcome.keep("rows", "features")
                        for image, grid in zip(row["images"], features, strict=True):
                            if grid:
                                outcome.keep("images", "features")
                            else:
                                outcome.drop("images", "undecodable", url=image["url"])
            facts = {"row_group_rows": part.row_group_rows}
            outcome.outputs = [publish(job.corpus, path, "features", unit.name, expected=FEATURES, facts=facts)]
        return outcome

    def check(self, job: Job, receipts: Iterable[Receipt]) -> str | None:
        return lost_images(job, receipts, "could not be decoded again")


def _weights_version(weights: str) -> str:
    """What tells one content of a weights file from another; empty for weights that are no file."""
    if weights in ("hub", "random"):
        return ""
    try:
        filesystem, path = fsspec.core.url_to_fs(weights)
    except (ValueError, ImportError) as error:
        raise UserError(
            f"--encoder-weights {weights} cannot be read: {error}. Give hub, random, package:NAME, or a file."
        ) from error
    if not filesystem.exists(path):
        return ""
    info = filesystem.info(path)
    return f"{info['size']}:{info.get('ETag') or info.get('mtime') or ''}"
