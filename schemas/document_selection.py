"""`document_selection/`: one row for every row of the documents part of the same name, in its order."""

import pyarrow as pa

from schemas.version import field, table_schema

SPAN = pa.struct(
    [
        field("start", pa.int32(), "first code point to cut", unit="Unicode code points"),
        field("end", pa.int32(), "first code point after the cut", unit="Unicode code points"),
    ]
)

DOCUMENT_SELECTION = table_schema(
    "document_selection",
    "2.0",
    [
        field("document_id", pa.string(), "as in documents/"),
        field("kept", pa.bool_(), "whether the document stays"),
        field("reason", pa.string(), "why it was dropped; null if kept", nullable=True),
        field("duplicate_of", pa.string(), "id of the newer document that it duplicates", nullable=True),
        field("cut_spans", pa.list_(SPAN), "spans of the text that pack cuts, in order, not overlapping"),
    ],
)
