"""`index/shards.parquet`: one row a shard, for readers; its hash stands in `index.json`."""

import pyarrow as pa

from schemas.version import field, table_schema

SHARD_INDEX = table_schema(
    "shard_index",
    "1.0",
    [
        field("split", pa.string(), "train or validation"),
        field("shard_file", pa.string(), "file of shards/, relative to the corpus"),
        field("feature_file", pa.string(), "file of features/ with the same rows; null until encoded", nullable=True),
        field("rows", pa.int64(), "rows of the shard"),
        field("documents", pa.int64(), "documents that have their first row in the shard"),
        field("images", pa.int64(), "images of the shard"),
        field("shard_bytes", pa.int64(), "size of the shard file", unit="bytes"),
        field("shard_sha256", pa.string(), "SHA-256 (hex) of the shard file"),
        field("feature_bytes", pa.int64(), "size of the feature file", unit="bytes", nullable=True),
        field("feature_sha256", pa.string(), "SHA-256 (hex) of the feature file", nullable=True),
        field("row_group_rows", pa.list_(pa.int64()), "rows of every row group of the feature file, else of the shard"),
    ],
)
