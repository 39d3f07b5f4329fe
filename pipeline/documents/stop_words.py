"""Stop words of 58 languages, from the package `stopwordsiso` (MIT licence; the lists of the project Stopwords ISO).

Other packages were looked at: `stop-words` has 33 languages; `justext` 100, but its lists are the most frequent words
of Wikipedias, nouns included; NLTK's and spaCy's lists are downloads of their own or come with a whole toolkit.
"""

from functools import cache

# Gopher (arXiv 2112.11446, appendix A.1.1, "Quality filtering"): a text must hold two of these.
GOPHER_STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))

# Languages that put no space between words (ISO 639-1): rules that count words say nothing about them.
WITHOUT_SPACES = frozenset(("zh", "ja", "th", "lo", "km", "my", "bo", "dz", "wuu", "yue"))


@cache
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a language (ISO 639-1), in lower case; empty where there is no list."""
    import stopwordsiso  # reads a file of 200 kB when it is imported

    return frozenset() if language in WITHOUT_SPACES else frozenset(stopwordsiso.stopwords(language))


def required_words(language: str) -> frozenset[str]:
    """Of which words Gopher's rule wants some: its own eight in English, the language's stop words elsewhere."""
    return GOPHER_STOP_WORDS if language == "en" else stop_words(language)
