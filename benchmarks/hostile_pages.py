"""Seconds and memory of pages that were written to break a reader, beside trafilatura and resiliparse.

    python -m benchmarks.hostile_pages [NAME...]

Ours is what extract does with a body: `decode_html`, `read_page`, `describe`, whatever `read_page` cut. The peers get
the decoded page and give the text of its content. Each runs in a process of its own, which is ended after ten seconds.
Seconds are of the processor, ours the best of three; MiB are by how much the process grew at most beyond the page
itself (VmHWM of Linux).
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from pipeline.crawl.charset import decode_html
from pipeline.documents.document import describe, language_of
from pipeline.documents.page import read_page
from pipeline.recipe import load_recipe
from tests.pipeline.documents.hostile import HOSTILE, body_of

LIMIT_S = 10
ROUNDS = 3  # of ours; the best counts, for other processes only make it slower
MAX_SECONDS = 1  # what is asked of ours
RECIPE = load_recipe("m3w")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases (all)")
    names = parser.parse_args().names or list(HOSTILE)
    for read in (ours, with_trafilatura, with_resiliparse):
        read(b"<title>A page</title><p>A sentence, that libraries and models are loaded.")
    print(f"{'page':45} {'MB':>6} {'ours s':>7} {'MiB':>5} {'cut':16} {'trafilatura s':>13} {'resiliparse s':>13}")
    slowest, largest = 0.0, 0.0
    for name in names:
        megabytes = len(body_of(name)) / 1e6
        seconds, mib, cut = min(in_a_process(ours, name) for _ in range(ROUNDS))
        peers = [in_a_process(read, name)[0] for read in (with_trafilatura, with_resiliparse)]
        shown = [f"{peer:.2f}" if peer < LIMIT_S else f"over {LIMIT_S}" for peer in peers]
        print(
            f"{name:45} {megabytes:6.1f} {seconds:7.2f} {mib:5.0f} {cut:16} {shown[0]:>13} {shown[1]:>13}", flush=True
        )
        slowest, largest = max(slowest, seconds), max(largest, mib)
    print(f"{len(names)} pages: at most {slowest:.2f} s and {largest:.0f} MiB")
    if slowest > MAX_SECONDS:
        raise SystemExit(f"slower than {MAX_SECONDS} s")


def ours(body: bytes) -> str:
    html, _ = decode_html(body, None)
    page = read_page(html, "https://example.org/")
    describe(page, *language_of(page), RECIPE)
    return page.cut or ""


def with_trafilatura(body: bytes) -> str:
    trafilatura.extract(decode_html(body, None)[0], include_images=True)
    return ""


def with_resiliparse(body: bytes) -> str:
    extract_plain_text(decode_html(body, None)[0], main_content=True)
    return ""


def in_a_process(read: Callable[[bytes], str], name: str) -> tuple[float, float, str]:
    """Seconds, MiB and the reason of the cut; where the process fails or takes too long, infinity and why."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(read, name, sender))
    process.start()
    sender.close()
    try:
        answer: tuple[float, float, str] = (
            receiver.recv() if receiver.poll(LIMIT_S) else (float("inf"), 0.0, "no answer")
        )
    except EOFError:
        answer = float("inf"), 0.0, "died"
    process.kill()
    process.join()
    return answer


def measure(read: Callable[[bytes], str], name: str, sender: Connection) -> None:
    body = body_of(name)
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts here
    before, start = high_water_mib(), time.process_time()
    try:
        cut = read(body)
    except Exception as error:  # noqa: BLE001  (what a reader raises is its result)
        cut = type(error).__name__
    sender.send((time.process_time() - start, high_water_mib() - before, cut))


def high_water_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
