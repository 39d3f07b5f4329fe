"""The image that stands for a page where it is shared: Open Graph's (ogp.me), else that of Twitter's cards."""

from collections.abc import Iterable

from pipeline.documents.tree import Attributes

# Names of one and the same address, best first, and the beginning of the names that describe it.
ADDRESSES = {
    "og:image": "og:image",
    "og:image:url": "og:image",
    "og:image:secure_url": "og:image",
    "twitter:image": "twitter:image",
    "twitter:image:src": "twitter:image",
}


def shared_image(metas: Iterable[Attributes]) -> Attributes | None:
    """The attributes of an `<img>` that would show it, from those of the `<meta>` elements; the first of several."""
    said: dict[str, str] = {}
    for meta in metas:
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        if name == "og:image" and name in said:
            break  # what follows describes another image
        if content := (meta.get("content") or "").strip():
            said.setdefault(name, content)
    for name, described in ADDRESSES.items():
        if name in said:
            details = {key: said.get(f"{described}:{key}") for key in ("alt", "width", "height")}
            return {"src": said[name], **details}
    return None
