"""How close documents are to what Readability expects of real pages: figures that were reached, and only go up."""

from benchmarks.fidelity import load_tool, ours
from pipeline.recipe import load_recipe
from pipeline.report.pages import PageReader
from tests.places import SHARED

PAGES = SHARED / "readability_dev"
TOOL = SHARED.parent / "tools" / "fidelity.py"
# The scorer counts 56 images of one page as wrong that Readability expects, since they have a srcset and no src.
MIN_SEQUENCE_F1 = 0.9665
MIN_IMAGE_F1 = 0.812


def test_documents_are_as_close_to_readability_as_they_were() -> None:
    tool, extract = load_tool(TOOL), ours(PageReader(load_recipe("m3w")))
    pairs = []
    for name, source, reference in tool.load(str(PAGES)):
        url = tool.page_url(name)
        pairs.append((tool.segment_tokens(extract(source.encode(), url), url), reference))
    sequence_f1, image_f1 = tool.report("m3w", pairs)
    assert sequence_f1 >= MIN_SEQUENCE_F1
    assert image_f1 >= MIN_IMAGE_F1
