"""The HTML file in a real browser: no request, no script, images between the right blocks."""

from pathlib import Path

import pytest

from pipeline.report.documents import read_documents, to_html
from tests.pipeline.report.chromium import open_page
from tests.pipeline.report.corpora import Page, write_corpus
from tests.pipeline.report.hostile import BEACON, COLOURS, PROOF, SCRIPT, SECTIONS, hostile_page

# What a reader sees, in order: text of the blocks, and of every image whether it is there and its middle's colour.
READ_PAGE = """
(async () => {
  const pieces = [];
  for (const piece of document.querySelectorAll('.body > :not(.part)')) {
    const image = piece.querySelector('img');
    if (image) {
      await image.decode();
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
      canvas.drawImage(image, 0, 0);
      const middle = canvas.getImageData(image.naturalWidth / 2, image.naturalHeight / 2, 1, 1).data;
      pieces.push({width_px: image.naturalWidth, colour: [...middle.slice(0, 3)]});
    } else if (piece.tagName == 'FIGURE') {
      pieces.push({missing: piece.querySelector('.missing').innerText});
    } else {
      pieces.push({tag: piece.tagName, text: piece.innerText, direction: getComputedStyle(piece).direction});
    }
  }
  const page = document.documentElement;
  return {
    pieces,
    parts: [...document.querySelectorAll('.part')].map(part => part.innerText),
    owned: page.hasAttribute('PROOF'),
    scripts: document.scripts.length,
    overflow_px: page.scrollWidth - page.clientWidth,
    is_styled: getComputedStyle(document.querySelector('main')).maxWidth != 'none',
    paper: getComputedStyle(document.body).backgroundColor,
  };
})()
""".replace("PROOF", PROOF)


@pytest.fixture(scope="module")
def html_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    wide = Page("\n".join([" | ".join(["תא של טבלה רחבה"] * 12)] * 3) + "\n\n" + "unbreakable" * 50, title="W" * 300)
    documents = read_documents(write_corpus(folder / "corpus", [hostile_page(), wide]), document_id=None, sample=2)
    documents.sort(key=lambda document: document.title != hostile_page().title)
    file = folder / "documents.html"
    file.write_text(to_html(documents), encoding="utf-8")
    return file


def test_the_browser_would_show_requests_and_scripts(tmp_path: Path) -> None:
    """The means of the other tests: a page without protection is caught."""
    file = tmp_path / "naive.html"
    file.write_text(f"<main></main><img src={BEACON}/control.png><script>{SCRIPT}</script>", encoding="utf-8")
    observed = open_page(file, f"document.documentElement.hasAttribute('{PROOF}')")
    assert f"{BEACON}/control.png" in observed.requests
    assert observed.value is True
    assert observed.complaints


@pytest.mark.parametrize(("width_px", "scheme"), [(1000, "light"), (390, "dark")])
def test_hostile_page(html_file: Path, width_px: int, scheme: str) -> None:
    observed = open_page(html_file, READ_PAGE, width_px=width_px, scheme=scheme)
    page = observed.value
    assert observed.requests[0] == html_file.as_uri()
    assert all(url.startswith("data:image/jpeg;base64,") for url in observed.requests[1:])
    assert observed.complaints == []
    assert (page["owned"], page["scripts"]) == (False, 0)
    assert page["is_styled"]
    assert page["paper"] == {"light": "rgb(253, 252, 250)", "dark": "rgb(24, 24, 22)"}[scheme]
    assert page["overflow_px"] == 0
    assert page["parts"] == ["part 2 of 2"]

    pieces = page["pieces"][:21]
    assert [piece["text"].splitlines()[0][:7] for piece in pieces[::2]] == [
        "Section", "Section", "Section", SECTIONS[3][:7], "- Secti", *["Section"] * 5, "The end"
    ]  # fmt: skip
    assert [piece["tag"] for piece in pieces[::2]] == ["P", "P", "P", "P", "UL", "DIV", "P", "P", "P", "P", "P"]
    assert pieces[0]["text"] == SECTIONS[0]
    assert pieces[2]["text"] == SECTIONS[1]
    assert pieces[6]["direction"] == "rtl"
    assert pieces[8]["direction"] == "ltr"
    assert pieces[10]["text"].split() == SECTIONS[5].replace("|", "").split()
    assert pieces[12]["text"] == SECTIONS[6]

    assert page["pieces"][21]["tag"] == "DIV"
    assert page["pieces"][21]["direction"] == "rtl"

    for number, piece in enumerate(pieces[1::2]):
        if number in (3, 7):
            assert piece == {"missing": "This image cannot be shown: corrupt_image"}
        else:
            assert piece["width_px"] == 96
            assert piece["colour"] == pytest.approx(RGB[COLOURS[number]], abs=3)


# CSS Color Module Level 4, named colours
RGB = {
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "orange": (255, 165, 0),
    "purple": (128, 0, 128),
}
