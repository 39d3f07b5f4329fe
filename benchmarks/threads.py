"""How much of the posts of forum threads comes out, and how much else, beside the peers on the same pages.

    python benchmarks/threads.py tests/fixtures/threads

The folder holds pages as NAME.html and the paragraphs of their posts as NAME.txt, images in brackets. A paragraph is
lost if one of its lines is not in the text, white space and list markers aside. The pages were written for the project,
most of them in the markup of forum engines: they show what is lost, and are no sample of the web.
"""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from pipeline.documents.page import read_page

IMAGE = re.compile(r"⟦[^⟧]*⟧")
LIST_MARKER = re.compile(r"^(?:- |\d+\. )")
EXTRACTORS: dict[str, Callable[[str], str]] = {
    "m3w": lambda html: read_page(html, "http://example.org/thread").text,
    "trafilatura": lambda html: trafilatura.extract(html, include_comments=True) or "",
    "resiliparse": lambda html: extract_plain_text(html, main_content=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    pages = sorted(parser.parse_args().folder.glob("*.html"))
    posts = {page: IMAGE.sub("", page.with_suffix(".txt").read_text()).strip() for page in pages}
    paragraphs = {page: [part for part in posts[page].split("\n\n") if part.strip()] for page in pages}
    total = sum(map(len, paragraphs.values()))
    words_of_posts = sum(len(post.split()) for post in posts.values())
    print(f"{len(pages)} threads, {total} paragraphs of posts")
    for name, extract in EXTRACTORS.items():
        texts = {page: " ".join(extract(page.read_text()).split()) for page in pages}
        lost = sum(not holds(texts[page], paragraph) for page in pages for paragraph in paragraphs[page])
        words = sum(len(text.split()) for text in texts.values())
        print(f"{name:12} {lost:4d} lost, {words:6d} words where the posts have {words_of_posts}")


def holds(text: str, paragraph: str) -> bool:
    """Whether every line of a paragraph is in the text."""
    return all(" ".join(LIST_MARKER.sub("", line).split()) in text for line in paragraph.split("\n"))


if __name__ == "__main__":
    main()
