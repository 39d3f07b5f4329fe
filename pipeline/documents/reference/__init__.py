"""The extraction once more, written for reading instead of speed: what it does is here, how it is fast is elsewhere.

`page.read_page` gives what `pipeline.documents.page.read_page` gives, about a hundred times slower. It reads the tree
that BeautifulSoup and html5lib build (extra `bs4`). `blocks` finds what a page holds, element by element, and `content`
chooses by counting; both share with the fast side its data classes, constants and tables of rules, and none of its
code. What turns media into addresses and blocks into text exists once (`pipeline.documents.page.page_of`).

For checking, and for understanding; html5lib is no parser for hostile pages (a tag of 100,000 attributes takes it
minutes). Where the two parsers disagree is listed in tests/pipeline/documents/test_reference.py.
"""
