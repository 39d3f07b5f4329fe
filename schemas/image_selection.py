"""`image_selection/`: one row for every image reference of every kept document, in row and reading order."""

import pyarrow as pa

from schemas.version import field, table_schema

IMAGE_SELECTION = table_schema(
    "image_selection",
    "1.0",
    [
        field("document_id", pa.string(), "as in documents/"),
        field("document_row", pa.int32(), "row of the document in the documents part of the same name"),
        field("image_index", pa.int32(), "index of the reference in the document's `images`"),
        field("url", pa.string(), "image URL of the reference"),
        field("kept", pa.bool_(), "whether the image stays in this document"),
        field("reason", pa.string(), "why it was dropped; null if kept", nullable=True),
        field("image_id", pa.string(), "as in images/", nullable=True),
        field("document_count", pa.int32(), "documents of the corpus that hold this image; 0 if not counted"),
        field("root", pa.string(), "root of `warc_file`; null if dropped", nullable=True),
        field("warc_file", pa.string(), "WARC file that holds the bytes; null if dropped", nullable=True),
        field("warc_offset", pa.int64(), "where the record starts; null if dropped", unit="bytes", nullable=True),
        field("warc_length", pa.int64(), "length of the record; null if dropped", unit="bytes", nullable=True),
        field("width_px", pa.int32(), "as in images/", unit="px", nullable=True),
        field("height_px", pa.int32(), "as in images/", unit="px", nullable=True),
    ],
)
