"""`python -m tests.pipeline.killed PREFIX NUMBER -- ARGUMENTS`: run m3w and die at a chosen write.

The process kills itself (SIGKILL) just before its NUMBER-th write to a path of the corpus that starts with PREFIX.
"""

import os
import signal
import sys
from pathlib import Path

from pipeline import cli
from pipeline.store import Store


def main() -> None:
    prefix, number = sys.argv[1], int(sys.argv[2])
    real, count = Store.put, 0

    def put(store: Store, local: Path, path: str) -> None:
        nonlocal count
        count += path.startswith(prefix)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        real(store, local, path)

    Store.put = put  # type: ignore[method-assign]
    cli.app(sys.argv[4:])


if __name__ == "__main__":
    main()
