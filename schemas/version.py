"""Schema versions: every table file names its table and version; readers refuse a major version they do not know."""

from collections.abc import Iterable

import pyarrow as pa

TABLE_KEY = b"m3w.table"
VERSION_KEY = b"m3w.schema_version"


class SchemaError(ValueError):
    """A file is not the table it should be, or of a major version that this program does not know."""


def field(name: str, type_: pa.DataType, meaning: str, *, unit: str | None = None, nullable: bool = False) -> pa.Field:
    """A column with its meaning (and unit) in the field's metadata."""
    metadata = {"meaning": meaning} | ({"unit": unit} if unit else {})
    return pa.field(name, type_, nullable=nullable, metadata=metadata)


def table_schema(table: str, version: str, fields: Iterable[pa.Field]) -> pa.Schema:
    """The schema of `table`; `version` is "MAJOR.MINOR": a minor version adds columns, a major one changes meaning."""
    return pa.schema(list(fields), metadata={TABLE_KEY: table.encode(), VERSION_KEY: version.encode()})


def check(found: pa.Schema, expected: pa.Schema, where: str) -> None:
    """Raise `SchemaError` unless `found` (of the file `where`) is the table `expected`, in a major version we know.

    Columns that a newer minor version added are ignored; a column that is missing or of another type is an error.
    """
    wanted, have = expected.metadata or {}, found.metadata or {}
    table, version = wanted[TABLE_KEY].decode(), wanted[VERSION_KEY].decode()
    if TABLE_KEY not in have or VERSION_KEY not in have:
        raise SchemaError(f"{where} is not a table written by m3w (no '{VERSION_KEY.decode()}' in its metadata).")
    found_table, found_version = have[TABLE_KEY].decode(), have[VERSION_KEY].decode()
    if found_table != table:
        raise SchemaError(f"{where} holds the table '{found_table}', expected '{table}'.")
    if found_version.split(".")[0] != version.split(".")[0]:
        raise SchemaError(
            f"{where} has version {found_version} of the table '{table}'; this program reads version "
            f"{version.split('.')[0]}.x. Read it with the m3w release that wrote it, or build the corpus again."
        )
    for column in expected:
        position = found.get_field_index(column.name)
        if position < 0 or found.field(position).type != column.type:
            got = "missing" if position < 0 else str(found.field(position).type)
            raise SchemaError(f"{where}: column '{column.name}' should be {column.type}, is {got}.")
