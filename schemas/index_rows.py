"""`index_rows/`: the records that an index told the corpus to read, some thousand a part, each record once."""

import pyarrow as pa

from schemas.version import field, table_schema

INDEX_ROWS = table_schema(
    "index_rows",
    "1.0",
    [
        field("url", pa.string(), "URL that the index gives the record"),
        field("warc_file", pa.string(), "WARC file, relative to the root `crawl`"),
        field("warc_offset", pa.int64(), "where the record starts in the file", unit="bytes"),
        field("warc_length", pa.int64(), "length of the record in the file", unit="bytes"),
    ],
)
