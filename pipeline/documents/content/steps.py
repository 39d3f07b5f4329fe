"""Which blocks of a page are its content: the choice of a root, and what is cleaned away inside and beside it.

Nothing here knows a site or a language. An element is judged by what its markup says about it (`boilerplate`), by how
much prose it holds, and by how much of its text is links. Prose is counted in bytes of UTF-8: a Chinese character says
about what three Latin letters say.

1. Elements that their markup names as something else go, unless they hold most of the page's prose; comments that hold
   no article go even then, and so do asides, dialogs and the like beside an article.
2. The root is found from <html> down, as long as one child holds most of the prose and the element is not itself a flow
   of paragraphs. Elements beside this way go, but for twins, large pieces of prose, images between these, and what
   leads to the root: sentences, images, the paragraph under its heading. So does what stands on the way itself and is
   no sentence.
3. Inside the root, elements that are mostly links go, unless they stand in the flow of paragraphs.
4. Linked headings with a line or two below each, at the end, go: they lead to other pages.
5. Headings under which nothing is left go.
"""

from pipeline.documents.content.inside import drop_empty_headings, drop_navigation, drop_teasers
from pipeline.documents.content.measured import MeasuredPage
from pipeline.documents.content.named import drop_named
from pipeline.documents.content.root import choose_root
from pipeline.documents.tree import Block, PageTree


def content_blocks(tree: PageTree) -> list[Block]:
    """The blocks of a page that are its content, in order. `tree.elements[0]` is the page's root element."""
    page = MeasuredPage(tree.blocks, tree.elements)
    drop_named(page, is_discussion=tree.is_discussion)
    root = choose_root(page)
    drop_navigation(page, root)
    drop_teasers(page)
    drop_empty_headings(page)
    return [block for block, is_kept in zip(tree.blocks, page.kept, strict=True) if is_kept]
