"""`images/`: one row for every wanted image URL: its end state, facts, and where its bytes lie."""

import pyarrow as pa

from schemas.version import field, table_schema

IMAGES = table_schema(
    "images",
    "2.0",
    [
        field("url", pa.string(), "absolute image URL, or urn:sha256:<hex>; unique in the table"),
        field("status", pa.string(), "ok, or failed with a reason"),
        field("reason", pa.string(), "why there is no usable image; null if ok", nullable=True),
        field("source", pa.string(), "archive, network or none"),
        field("image_id", pa.string(), "SHA-256 (hex) of the body after all decoding", nullable=True),
        field("root", pa.string(), "root that `warc_file` is relative to: crawl, archive or corpus", nullable=True),
        field("warc_file", pa.string(), "WARC file that holds the bytes", nullable=True),
        field("warc_offset", pa.int64(), "where the record starts", unit="bytes", nullable=True),
        field("warc_length", pa.int64(), "length of the record", unit="bytes", nullable=True),
        field("http_status", pa.int32(), "status code of the response", nullable=True),
        field("final_url", pa.string(), "URL after redirects, where it differs", nullable=True),
        field("content_type", pa.string(), "Content-Type header", nullable=True),
        field(
            "opt_outs",
            pa.list_(pa.string()),
            "what its headers say, as the column of this name in documents/; null without a response",
            nullable=True,
        ),
        field("size_bytes", pa.int64(), "length of the body", unit="bytes", nullable=True),
        field("format", pa.string(), "format found by the decoder: JPEG, PNG, ...", nullable=True),
        field("width_px", pa.int32(), "width after EXIF orientation", unit="px", nullable=True),
        field("height_px", pa.int32(), "height after EXIF orientation", unit="px", nullable=True),
        field("frame_count", pa.int32(), "frames of an animated image", nullable=True),
        field("colour_range", pa.int32(), "largest max-min over R, G and B, 0 to 255", nullable=True),
        field("entropy", pa.float32(), "entropy of the luminance histogram", unit="bits", nullable=True),
        field("blur", pa.float32(), "variance of the Laplacian of the luminance; low is blurred", nullable=True),
        field("perceptual_hash", pa.string(), "64-bit pHash, hex", nullable=True),
    ],
)
