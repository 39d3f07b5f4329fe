"""The extraction once more, written for reading instead of speed: what it does is here, how it is fast is elsewhere.

`page.read_page` gives what `pipeline.documents.page.read_page` gives, many times slower. It reads the tree that
BeautifulSoup and html5lib build (extra `bs4`): `blocks` tells what a page holds, `tables` which tables are data, and
`content` what of it is content. They share with the fast way its data classes, constants and tables of names, and none
of its code. What makes addresses of media and a text of blocks exists once (`pipeline.documents.page.page_of`).

It is for checking and for understanding: html5lib takes minutes for some hostile pages (a tag of 100,000 attributes).
Where the two parsers disagree is listed in tests/pipeline/documents/test_reference.py.
"""
