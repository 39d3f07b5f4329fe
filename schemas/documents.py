"""`documents/`: what extract made of every page that can become a document, in the order of the WARC file."""

import pyarrow as pa

from schemas.version import field, table_schema

IMAGE = pa.struct(
    [
        field("kind", pa.string(), "image or video; later stages read what they know"),
        field("position", pa.int32(), "offset in `text` at which the image stands", unit="Unicode code points"),
        field("url", pa.string(), "absolute URL, or urn:sha256:<hex> for an image that the page itself held"),
        field("alt", pa.string(), "alternative text", nullable=True),
        field("title", pa.string(), "title, which browsers show as a tooltip", nullable=True),
        field("caption", pa.string(), "figure caption; it is also part of the text", nullable=True),
        field("link_url", pa.string(), "absolute URL that the image links to", nullable=True),
        field("width_px", pa.int32(), "width that the page declares", unit="px", nullable=True),
        field("height_px", pa.int32(), "height that the page declares", unit="px", nullable=True),
        field("rendered_width_px", pa.int32(), "width that its own style sets", unit="px", nullable=True),
        field("rendered_height_px", pa.int32(), "height that its own style sets", unit="px", nullable=True),
        field("poster_url", pa.string(), "still image that stands for a video", nullable=True),
    ]
)

BLOCK = pa.struct(
    [
        field("start", pa.int32(), "first code point in `text`", unit="Unicode code points"),
        field("end", pa.int32(), "first code point after it", unit="Unicode code points"),
        field("kind", pa.string(), "heading, paragraph, item, row, quote, code or caption"),
        field("language", pa.string(), "language of the block; null for code and short blocks", nullable=True),
        field("language_score", pa.float32(), "probability of `language`", nullable=True),
    ]
)

# What texts are judged by: measures of MassiveText (Gopher), OBELICS and C4. pipeline/documents/scores.py defines them.
SCORES = [
    field("word_count", pa.int32(), "words (runs of non-space characters)"),
    field("mean_word_length", pa.float32(), "mean length of a word", unit="Unicode code points"),
    field("symbol_word_ratio", pa.float32(), "hash signs and ellipses per word"),
    field("bullet_line_share", pa.float32(), "share of lines that start with a bullet"),
    field("ellipsis_line_share", pa.float32(), "share of lines that end with an ellipsis"),
    field("alphabetic_word_share", pa.float32(), "share of words with an alphabetic character"),
    field("stop_word_count", pa.int32(), "how many of Gopher's stop words, or of the language's, occur"),
    field("duplicate_line_share", pa.float32(), "share of lines that repeat an earlier line"),
    field("duplicate_line_character_share", pa.float32(), "share of characters in such lines"),
    field("duplicate_paragraph_share", pa.float32(), "share of paragraphs that repeat an earlier one"),
    field("duplicate_paragraph_character_share", pa.float32(), "share of characters in such paragraphs"),
    *(
        field(f"top_{n}gram_character_share", pa.float32(), f"share of characters in the most frequent word {n}-gram")
        for n in (2, 3, 4)
    ),
    *(
        field(f"duplicate_{n}gram_character_share", pa.float32(), f"share of characters in repeated word {n}-grams")
        for n in (5, 6, 7, 8, 9, 10)
    ),
    field("character_repetition_ratio", pa.float32(), "share of the most frequent character 10-grams among all"),
    field("word_repetition_ratio", pa.float32(), "share of word 5-grams that occur more than once"),
    field("special_character_ratio", pa.float32(), "share of characters that are neither letters nor marks"),
    field("stop_word_ratio", pa.float32(), "share of words that are stop words of the language"),
    field("flagged_word_ratio", pa.float32(), "share of words that the recipe's `flagged_words` holds"),
    field("punctuation_ratio", pa.float32(), "share of punctuation marks among words and marks"),
    field("terminal_mark_line_share", pa.float32(), "share of lines that end with a terminal punctuation mark"),
    field("short_line_share", pa.float32(), "share of lines of fewer than 5 words"),
    field("javascript_line_share", pa.float32(), "share of lines that hold 'javascript'"),
    field("lorem_ipsum_line_share", pa.float32(), "share of lines that hold 'lorem ipsum'"),
    field("curly_bracket_line_share", pa.float32(), "share of lines that hold '{'"),
    field("sentence_count", pa.int32(), "sentences"),
]

DOCUMENTS = table_schema(
    "documents",
    "2.0",
    [
        field("document_id", pa.string(), "SHA-256 (hex) of the WARC-Record-ID; for ARC of relative path and offset"),
        field("url", pa.string(), "URL of the page as crawled"),
        field("site", pa.string(), "registered domain of `url`, or its host where it has none"),
        field("crawled_at", pa.timestamp("us", tz="UTC"), "WARC-Date"),
        field("warc_file", pa.string(), "WARC file, relative to the root `crawl`"),
        field("warc_offset", pa.int64(), "where the record starts in the file", unit="bytes"),
        field("warc_length", pa.int64(), "length of the record in the file", unit="bytes"),
        field("language", pa.string(), "language of the text, ISO 639-1 or -3"),
        field("language_score", pa.float32(), "probability of `language`"),
        field("title", pa.string(), "title of the page", nullable=True),
        field("canonical_url", pa.string(), "absolute URL that the page calls its own", nullable=True),
        field("published_at", pa.string(), "publication date as declared, in ISO 8601", nullable=True),
        field("declared_language", pa.string(), "language that the page declares, BCP 47", nullable=True),
        field("license_url", pa.string(), "licence that the page declares", nullable=True),
        field("opt_outs", pa.list_(pa.string()), "noindex, noai, noimageai, noimageindex, tdm_reservation; sorted"),
        field("cut", pa.string(), "limit that the page broke; what came before it is here", nullable=True),
        field("text", pa.string(), "main text; blank line between blocks"),
        field("text_hash", pa.string(), "SHA-256 (hex) of the text, lower-cased, white space folded"),
        field("blocks", pa.list_(BLOCK), "blocks of the text, in order, not overlapping"),
        field("images", pa.list_(IMAGE), "image candidates in reading order; positions never decrease"),
        field("email_count", pa.int32(), "e-mail addresses replaced by placeholders in `text`"),
        field("phone_count", pa.int32(), "telephone numbers replaced by placeholders"),
        field("ip_count", pa.int32(), "IP addresses replaced by placeholders"),
        *SCORES,
    ],
)
