"""`shards/`: documents with their kept images, at most five a row, and the images' bytes."""

import pyarrow as pa

from schemas.version import field, table_schema

IMAGE = pa.struct(
    [
        field("position", pa.int32(), "offset in the row's `text`; never decreases", unit="Unicode code points"),
        field("url", pa.string(), "absolute image URL, or urn:sha256:<hex>"),
        field("image_id", pa.string(), "SHA-256 (hex) of the bytes"),
        field("alt", pa.string(), "alternative text", nullable=True),
        field("caption", pa.string(), "figure caption; it is also part of the text", nullable=True),
        field("width_px", pa.int32(), "width of the image", unit="px"),
        field("height_px", pa.int32(), "height of the image", unit="px"),
        field("document_count", pa.int32(), "documents of the corpus that hold this image"),
    ]
)

# The columns that shards and features have in common, so that a row reads the same in both.
ROW = [
    field("document_id", pa.string(), "as in documents/"),
    field("part_index", pa.int32(), "0 ... part_count - 1"),
    field("part_count", pa.int32(), "rows that the document became"),
    field("kind", pa.string(), "interleaved, pair, video or text"),
    field("url", pa.string(), "URL of the page"),
    field("language", pa.string(), "language of the text"),
    field("title", pa.string(), "title of the page", nullable=True),
    field("text", pa.string(), "text of the row; the rows' texts joined are the document's text"),
    field("images", pa.list_(IMAGE), "the row's images in reading order"),
]

SHARDS = table_schema(
    "shards",
    "1.0",
    [*ROW, field("image_bytes", pa.list_(pa.binary()), "encoded bytes of `images`, same order and length")],
)
