"""The take-down list of a corpus: what must never come back, whatever is rebuilt, retried or reused.

`take_down.txt` in the corpus holds one entry a line: the URL of a page or an image, `site:example.org` for all pages of
a registered domain, or `sha256:<hex>` for an image's bytes under any URL. It only grows.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors import UserError
from pipeline.store import Store

FILE = "take_down.txt"
_ENTRY = re.compile(r"https?://\S+|site:\S+|sha256:[0-9a-f]{64}")


class TakeDownError(UserError):
    """A line that is no entry."""


@dataclass(frozen=True)
class TakeDown:
    entries: frozenset[str] = frozenset()

    @staticmethod
    def parse(lines: Iterable[str], where: str) -> "TakeDown":
        """Entries of `lines`; blank lines and `#` comments are skipped. Raises `TakeDownError` naming the line."""
        entries = set()
        for number, line in enumerate(lines, 1):
            entry = line.strip()
            if not entry or entry.startswith("#"):
                continue
            if not _ENTRY.fullmatch(entry):
                raise TakeDownError(
                    f"{where}, line {number}: '{entry}' is no entry of a take-down list. Write the http(s) URL of a "
                    "page or an image, site:DOMAIN, or sha256: and 64 lower-case hexadecimal digits."
                )
            entries.add(entry)
        return TakeDown(frozenset(entries))

    @staticmethod
    def read(corpus: Store) -> "TakeDown":
        if not corpus.exists(FILE):
            return TakeDown()
        return TakeDown.parse(corpus.read(FILE).decode().splitlines(), FILE)

    def union(self, other: "TakeDown") -> "TakeDown":
        return TakeDown(self.entries | other.entries)

    def write(self, corpus: Store) -> None:
        corpus.write(FILE, "".join(f"{entry}\n" for entry in sorted(self.entries)).encode())

    @property
    def hash(self) -> str:
        return hashlib.sha256("\n".join(sorted(self.entries)).encode()).hexdigest() if self.entries else ""

    def covers_document(self, url: str, site: str) -> bool:
        return bool(self.entries) and (url in self.entries or f"site:{site}" in self.entries)

    def covers_image(self, url: str, image_id: str | None) -> bool:
        return bool(self.entries) and (url in self.entries or f"sha256:{image_id}" in self.entries)
