"""From a page's HTML to a document: text, images and their positions, language, quality scores and rules."""
