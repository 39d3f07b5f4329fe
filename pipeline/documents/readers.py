"""The two readers of pages, between which the recipe chooses."""

from collections.abc import Callable, Iterable
from functools import partial

from pipeline.documents.page import Page, read_page
from pipeline.errors import UserError
from pipeline.recipe import Recipe

ReadPage = Callable[[str, str, Iterable[tuple[str, str]]], Page]  # of HTML, its URL, and its HTTP headers


def reader_of(recipe: Recipe) -> ReadPage:
    """The fast reader, or for bs4 the one that is written for reading (`pipeline.documents.reference`), with the
    recipe's options.

    Raises:
        UserError: BeautifulSoup or html5lib is not installed.
    """
    if recipe.html_parser == "turbohtml":
        return partial(read_page, css_backgrounds=recipe.css_backgrounds, og_image=recipe.og_image)
    try:
        from pipeline.documents.reference.page import read_page as read_page_with_bs4
    except ImportError as error:
        raise UserError(
            f"html_parser=bs4 needs packages that are missing: pip install 'm3w[bs4]' ({error})."
        ) from error
    return partial(read_page_with_bs4, css_backgrounds=recipe.css_backgrounds, og_image=recipe.og_image)
