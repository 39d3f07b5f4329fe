"""The files of a crawl that Common Crawl names by an id, such as CC-MAIN-2024-22."""

import re
from pathlib import Path

from pipeline.crawl.inputs import InputError, InputFile, look_up, read_list

BASE_URL = "https://data.commoncrawl.org"  # s3://commoncrawl has the same files
CRAWL_ID = re.compile(r"CC-MAIN-[\w-]+")
# What a path below the base must not be: absolute, a URL, or one that leads out again.
OUTSIDE = r"^/|://|(^|/)\.\.(/|$)"


def is_crawl_id(argument: str) -> bool:
    """Whether `argument` is a crawl's id, and not a file or folder of that name."""
    return bool(CRAWL_ID.fullmatch(argument)) and not Path(argument).exists()


def resolve_crawl(crawl_id: str, base_url: str, limit: int | None) -> list[InputFile]:
    """The first `limit` WARC files of a crawl, or all, in the order of its `warc.paths.gz`. Raises `InputError`."""
    paths_url = f"{base_url}/crawl-data/{crawl_id}/warc.paths.gz"
    try:
        paths = read_list(paths_url)[:limit]
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(
            f"There is no crawl {crawl_id} below {base_url}: {paths_url} does not exist. Check the id; "
            "commoncrawl.org/get-started lists them all."
        ) from error
    except ImportError as error:
        raise InputError(f"{paths_url} needs a package that is not installed: {error}") from error
    except Exception as error:  # every file system and cloud client has error classes of its own
        raise InputError(
            f"{paths_url} cannot be read ({type(error).__name__}: {error}). Try again later, or another place with "
            "--crawl-base-url, such as s3://commoncrawl."
        ) from error
    outside = next((path for path in paths if re.search(OUTSIDE, path)), None)
    if outside is not None:
        raise InputError(f"{paths_url} names '{outside}', which is no path below {base_url}. Check --crawl-base-url.")
    return look_up([f"{base_url}/{path}" for path in paths], paths_url)
