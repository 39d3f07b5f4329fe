"""Why the bytes behind an image URL are no usable image."""


class ImageProblem(Exception):
    """An image that is left out; `reason` is a stable snake_case code, `detail` is for the person who looks at it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
