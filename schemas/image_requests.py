"""`image_requests/`: one part a fetch unit: the image URLs that kept documents want, and where to get each."""

import pyarrow as pa

from schemas.version import field, table_schema

IMAGE_REQUESTS = table_schema(
    "image_requests",
    "1.0",
    [
        field("url", pa.string(), "absolute image URL, or urn:sha256:<hex>; unique in the table"),
        field("source", pa.string(), "archive, network, or none (no archive holds it and the network is not allowed)"),
        field("root", pa.string(), "root of `warc_file`; null unless source is archive", nullable=True),
        field("warc_file", pa.string(), "archive file that holds the response", nullable=True),
        field("warc_offset", pa.int64(), "where its record starts", unit="bytes", nullable=True),
        field("warc_length", pa.int64(), "length of its record", unit="bytes", nullable=True),
    ],
)
