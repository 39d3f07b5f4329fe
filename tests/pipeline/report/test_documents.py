"""Documents read back from shards: the right ones, whole, with thumbnails of their images."""

import io
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from pipeline.images.problem import ImageProblem
from pipeline.recipe import Recipe
from pipeline.report.documents import ShowError, read_documents
from pipeline.report.thumbnail import THUMBNAIL_SIDE_PX, make_thumbnail
from pipeline.store import Store
from pipeline.tables import delete_manifest, read_manifest
from tests.pipeline.report.corpora import Page, Picture, picture_bytes, write_corpus

PICTURE = picture_bytes()


def pages(start: int, end: int) -> list[Page]:
    """Pages of one to three rows."""
    return [
        Page(
            f"The text of page {number}. " * 20,
            [Picture(at * 10, PICTURE) for at in range(number % 13)],
            url=f"https://example.org/{number}",
        )
        for number in range(start, end)
    ]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return write_corpus(tmp_path_factory.mktemp("corpus"), pages(0, 30), [], pages(30, 60))


def test_the_corpus_has_many_shards_and_row_groups(corpus: Store) -> None:
    packed = read_manifest(corpus, "pack")
    assert packed is not None
    shards = [file for receipt in packed.values() for file in receipt.files("shards")]
    assert len(shards) > 4
    assert all(len(shard.facts["row_group_rows"]) > 1 for shard in shards[:2])


@given(
    text=st.text(max_size=60),
    cuts=st.lists(st.floats(0, 1), max_size=8),
    images_per_row=st.integers(1, 3),
    row_group_bytes=st.sampled_from([1, 3000, 2**24]),
)
@settings(max_examples=40, deadline=None)
def test_joined_rows_are_the_document(
    tmp_path_factory: pytest.TempPathFactory, text: str, cuts: list[float], images_per_row: int, row_group_bytes: int
) -> None:
    positions = sorted(round(cut * len(text)) for cut in cuts)
    pictures = [
        Picture(position, picture_bytes((number, 0, 0)), url=f"https://example.org/{number}")
        for number, position in enumerate(positions)
    ]
    page = Page(text, pictures)
    recipe = Recipe(images_per_row=images_per_row, row_group_bytes=row_group_bytes)
    corpus = write_corpus(tmp_path_factory.mktemp("corpus"), [*pages(0, 2), page, *pages(2, 4)], recipe=recipe)
    (document,) = read_documents(corpus, document_id=page.document_id, sample=1)
    assert document.text == text
    assert [row.part_index for row in document.rows] == list(range(document.part_count))
    starts = [sum(len(row.text) for row in document.rows[:index]) for index in range(len(document.rows))]
    found = [
        (start + image.position, image.url)
        for start, row in zip(starts, document.rows, strict=True)
        for image in row.images
    ]
    assert found == [(picture.position, picture.url) for picture in pictures]
    assert all(image.thumbnail and image.problem is None for image in document.images)


def test_document_by_id_prefix_and_url(corpus: Store) -> None:
    page = pages(12, 13)[0]
    by_id, by_prefix, by_upper_case, by_url = (
        read_documents(corpus, document_id=name, sample=1)
        for name in (page.document_id, page.document_id[:16], page.document_id[:16].upper(), page.url)
    )
    assert by_id == by_prefix == by_upper_case == by_url
    assert (by_id[0].text, by_id[0].url, len(by_id[0].images), len(by_id[0].rows)) == (page.text, page.url, 12, 3)


def test_two_captures_of_one_url_stay_apart(tmp_path: Path) -> None:
    first, second = (Page(text, url="https://example.org/twice") for text in ("one", "two"))
    corpus = write_corpus(tmp_path, [first, second])
    with pytest.raises(ShowError, match=f"names 2 documents: {first.document_id}, {second.document_id}"):
        read_documents(corpus, document_id=first.url, sample=1)
    assert [d.text for d in read_documents(corpus, document_id=second.document_id, sample=1)] == ["two"]


def test_ambiguous_prefix_names_some_ids(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, [Page(str(n), document_id=f"abc{n}" + "0" * 60) for n in range(8)])
    with pytest.raises(ShowError, match=r"'abc' names 8 documents: abc0.* and 3 more"):
        read_documents(corpus, document_id="abc", sample=1)


@pytest.mark.parametrize("name", ["", "https://example.org/nowhere", "zz", "f" * 64])
def test_unknown_document(corpus: Store, name: str) -> None:
    with pytest.raises(ShowError):
        read_documents(corpus, document_id=name, sample=1)


def test_sample_is_a_function_of_seed_and_documents(corpus: Store, tmp_path: Path) -> None:
    shuffled = pages(0, 60)
    random.Random(0).shuffle(shuffled)
    other = write_corpus(tmp_path, shuffled[:7], shuffled[7:])
    drawn = read_documents(corpus, document_id=None, sample=10)
    assert read_documents(other, document_id=None, sample=10) == drawn
    assert read_documents(corpus, document_id=None, sample=5) == drawn[:5]
    assert read_documents(corpus, document_id=None, sample=10, seed=1) != drawn
    texts = {page.document_id: page.text for page in shuffled}
    assert all(document.text == texts[document.document_id] for document in drawn)


def test_sample_larger_than_the_corpus_is_the_corpus(corpus: Store) -> None:
    drawn = read_documents(corpus, document_id=None, sample=1000)
    assert {document.url for document in drawn} == {page.url for page in pages(0, 60)}
    assert len(drawn) == 60


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, [Page("text")])
    with pytest.raises(ShowError, match="Ask for 1 or more"):
        read_documents(corpus, document_id=None, sample=0)
    (shard,) = corpus.listing("shards")
    corpus.write(shard, b"PAR1, and no more")
    with pytest.raises(ShowError, match="m3w verify"):
        read_documents(corpus, document_id=None, sample=1)
    corpus.delete(shard)
    with pytest.raises(ShowError, match="m3w verify"):
        read_documents(corpus, document_id=None, sample=1)
    delete_manifest(corpus, "pack")
    with pytest.raises(ShowError, match="Run `m3w build`"):
        read_documents(corpus, document_id=None, sample=1)


def test_corpus_without_documents(tmp_path: Path) -> None:
    with pytest.raises(ShowError, match="m3w status"):
        read_documents(write_corpus(tmp_path, []), document_id=None, sample=1)


def test_damaged_image_is_shown_as_such(tmp_path: Path) -> None:
    page = Page("text", [Picture(0, PICTURE[:50]), Picture(0, PICTURE)])
    (document,) = read_documents(write_corpus(tmp_path, [page]), document_id=None, sample=1)
    assert [image.problem for image in document.images] == ["corrupt_image", None]
    assert document.images[0].thumbnail is None


def encoded(image: Image.Image, format_: str, **parameters: object) -> bytes:
    data = io.BytesIO()
    image.save(data, format_, **parameters)
    return data.getvalue()


@pytest.mark.parametrize("size", [(3000, 40), (40, 3000), (640, 640), (2000, 1500), (1, 1)])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_thumbnail_fits_and_keeps_its_shape(size: tuple[int, int], format_: str) -> None:
    made = make_thumbnail(encoded(Image.new("RGB", size, "teal"), format_))
    with Image.open(io.BytesIO(made.jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (made.width_px, made.height_px))
    assert max(made.width_px, made.height_px) == min(max(size), THUMBNAIL_SIDE_PX)
    scale = min(1.0, THUMBNAIL_SIDE_PX / max(size))
    assert (made.width_px, made.height_px) == pytest.approx((size[0] * scale, size[1] * scale), abs=1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_thumbnail_shows_grey_as_grey(mode: str) -> None:
    grey = Image.new("L", (80, 80), 128 if mode != "1" else 255)
    image = Image.fromarray(np.full((80, 80), 128 << 8, np.uint16)) if mode == "I;16" else grey.convert(mode)
    made = make_thumbnail(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
    with Image.open(io.BytesIO(made.jpeg)) as thumbnail:
        assert thumbnail.getpixel((40, 40)) == pytest.approx((255,) * 3 if mode == "1" else (128,) * 3, abs=2)


def test_transparent_parts_are_white() -> None:
    made = make_thumbnail(encoded(Image.new("RGBA", (80, 80), (0, 0, 0, 0)), "PNG"))
    with Image.open(io.BytesIO(made.jpeg)) as thumbnail:
        assert thumbnail.getpixel((40, 40)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_thumbnail_stands_upright(mode: str) -> None:
    image = Image.new(mode, (80, 40), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    made = make_thumbnail(encoded(image, "PNG", exif=exif))
    assert (made.width_px, made.height_px) == (40, 80)


def test_damaged_orientation_is_ignored() -> None:
    made = make_thumbnail(encoded(Image.new("RGB", (80, 40)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert (made.width_px, made.height_px) == (80, 40)


def test_nothing_but_the_picture_is_kept() -> None:
    secret = b"<script>alert(1)</script>"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", secret.decode())
    image = Image.new("RGB", (80, 40))
    for data in (
        encoded(image, "PNG", pnginfo=text) + secret,
        encoded(image, "JPEG", comment=secret, icc_profile=secret) + secret,
    ):
        assert secret in data
        assert secret not in make_thumbnail(data).jpeg


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"%!PS-Adobe EPSF", PICTURE[:60]]
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(ImageProblem, match="corrupt_image"):
        make_thumbnail(data)


def test_bombs_are_not_decoded() -> None:
    bomb = encoded(Image.new("1", (10_000, 10_000)), "PNG")
    with pytest.raises(ImageProblem, match="too_many_pixels"):
        make_thumbnail(bomb)
