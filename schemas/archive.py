"""`archive/`: where the crawl's own image responses lie, so that fetch need not download them."""

import pyarrow as pa

from schemas.version import field, table_schema

ARCHIVE = table_schema(
    "archive",
    "1.0",
    [
        field("url", pa.string(), "URL of the image as crawled, or urn:sha256:<hex> for one that a page itself held"),
        field("crawled_at", pa.timestamp("us", tz="UTC"), "WARC-Date"),
        field("http_status", pa.int32(), "status code of the response"),
        field("root", pa.string(), "root that `warc_file` is relative to: crawl, archive or corpus"),
        field("warc_file", pa.string(), "WARC file that holds the response"),
        field("warc_offset", pa.int64(), "where the record starts in the file", unit="bytes"),
        field("warc_length", pa.int64(), "length of the record in the file", unit="bytes"),
    ],
)
