"""Which elements of a page stand for a video, and the video's address: players of well-known hosts, and files."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from pipeline.documents.tree import Attributes
from pipeline.documents.urls import resolve


class Video(NamedTuple):
    """A video: `url` is where people watch it, or its file; both are absolute http(s) URLs."""

    url: str
    poster_url: str | None = None


class _Player(NamedTuple):
    """How a host addresses its players.

    `address` matches the path (without a slash at its end) and, each behind a space, the values of `parameters` of the
    query; the templates take its groups.
    """

    address: re.Pattern[str]
    url: str
    poster_url: str | None
    parameters: tuple[str, ...]


def _player(address: str, url: str, poster_url: str | None = None, parameters: tuple[str, ...] = ()) -> _Player:
    return _Player(re.compile(address), url, poster_url, parameters)


MAX_PLAYER_URL_CHARS = 2_000  # what every browser and server took when these addresses were chosen
YOUTUBE_ID = r"(?!videoseries|live_stream)([\w-]{11})(?![\w-])"  # the two are a playlist and a channel
YOUTUBE_URLS = ("https://www.youtube.com/watch?v={}", "https://i.ytimg.com/vi/{}/hqdefault.jpg")
YOUTUBE = (
    _player(rf"/(?:embed|v|e|shorts|live)/{YOUTUBE_ID}", *YOUTUBE_URLS),
    _player(rf"/watch {YOUTUBE_ID}", *YOUTUBE_URLS, parameters=("v",)),
)
DAILYMOTION_URLS = ("https://www.dailymotion.com/video/{}", "https://www.dailymotion.com/thumbnail/video/{}")
WISTIA = (_player(r"/embed/(?:iframe|medias)/([a-z0-9]{10})", "https://fast.wistia.net/embed/iframe/{}"),)
TED = (_player(r"/talks/(?:lang/[\w-]+/)?(\w+)", "https://www.ted.com/talks/{}"),)
JW_PLAYER = (
    _player(
        r"/(?:players|previews|videos|manifests)/(\w{8})\b",
        "https://cdn.jwplayer.com/previews/{}",
        "https://cdn.jwplayer.com/v2/media/{}/poster.jpg",
    ),
)
FACEBOOK = (
    _player(r"/[\w.-]+/videos/(?:[\w.-]+/)?(\d+)", "https://www.facebook.com/watch/?v={}"),
    _player(r"/(?:watch|video\.php) (\d+)", "https://www.facebook.com/watch/?v={}", parameters=("v",)),
)
# The forms of each host's own embed code, by host without "www." and "m.". Live channels are no videos: what they
# show is gone. The posters are those that hosts serve for every public video under a fixed address.
PLAYERS = {
    "youtube.com": YOUTUBE,
    "youtube-nocookie.com": YOUTUBE,
    "youtu.be": (_player(rf"/{YOUTUBE_ID}", *YOUTUBE_URLS),),
    "player.vimeo.com": (
        _player(
            r"/video/(\d+) ([0-9a-f]+)", "https://vimeo.com/{}/{}", parameters=("h",)
        ),  # unlisted: the hash is its key
        _player(r"/video/(\d+)", "https://vimeo.com/{}"),
    ),
    "vimeo.com": (_player(r"/moogaloop\.swf (\d+)", "https://vimeo.com/{}", parameters=("clip_id",)),),
    "dailymotion.com": (_player(r"/(?:embed/|swf/)?video/([A-Za-z0-9]+)", *DAILYMOTION_URLS),),
    "geo.dailymotion.com": (
        _player(r"/player(?:/\w+)?\.html ([A-Za-z0-9]+)", *DAILYMOTION_URLS, parameters=("video",)),
    ),
    "player.twitch.tv": (_player(r"/ v?(\d+)", "https://www.twitch.tv/videos/{}", parameters=("video",)),),
    "clips.twitch.tv": (_player(r"/embed ([\w-]+)", "https://clips.twitch.tv/{}", parameters=("clip",)),),
    "embed.ted.com": TED,
    "embed-ssl.ted.com": TED,
    "fast.wistia.net": WISTIA,
    "fast.wistia.com": WISTIA,
    "facebook.com": FACEBOOK,
    "tiktok.com": (_player(r"/(?:embed(?:/v2)?|player/v1)/(\d+)", "https://www.tiktok.com/player/v1/{}"),),
    "players.brightcove.net": (
        _player(
            r"/(\d+)/([\w-]+)/index\.html ([\w:-]+)",
            "https://players.brightcove.net/{}/{}/index.html?videoId={}",
            parameters=("videoId",),
        ),
    ),
    "cdn.jwplayer.com": JW_PLAYER,
    "content.jwplatform.com": JW_PLAYER,
    "streamable.com": (_player(r"/[eos]/(\w+)", "https://streamable.com/{}"),),
    "loom.com": (_player(r"/embed/([0-9a-f]{32})", "https://www.loom.com/share/{}"),),
    "rumble.com": (_player(r"/embed/(\w+)", "https://rumble.com/embed/{}/"),),
    "player.bilibili.com": (
        _player(r"/player\.html (BV\w+)", "https://www.bilibili.com/video/{}/", parameters=("bvid",)),
        _player(r"/player\.html (\d+)", "https://www.bilibili.com/video/av{}/", parameters=("aid",)),
    ),
    "v.qq.com": (_player(r"/txp/iframe/player\.html (\w+)", "https://v.qq.com/x/page/{}.html", parameters=("vid",)),),
    "player.youku.com": (_player(r"/embed/([\w=]+)", "https://v.youku.com/v_show/id_{}.html"),),
    "vk.com": (_player(r"/video_ext\.php (-?\d+) (\d+)", "https://vk.com/video{}_{}", parameters=("oid", "id")),),
    "rutube.ru": (_player(r"/(?:play/embed|video/embed)/(\w{32})", "https://rutube.ru/video/{}/"),),
}
# Players that take the address of the video as a parameter.
WRAPPERS = {"cdn.embedly.com": "src", "facebook.com": "href"}

# Elements that name a video by its host's id: AMP's, and the light stand-ins for players (lite-youtube-embed and kin).
ID_ELEMENTS = {
    "amp-youtube": ("data-videoid", "https://www.youtube.com/embed/{}"),
    "lite-youtube": ("videoid", "https://www.youtube.com/embed/{}"),
    "amp-vimeo": ("data-videoid", "https://player.vimeo.com/video/{}"),
    "lite-vimeo": ("videoid", "https://player.vimeo.com/video/{}"),
    "amp-dailymotion": ("data-videoid", "https://www.dailymotion.com/embed/video/{}"),
    "amp-jwplayer": ("data-media-id", "https://cdn.jwplayer.com/previews/{}"),
    "amp-wistia-player": ("data-media-hashed-id", "https://fast.wistia.net/embed/iframe/{}"),
}
FRAME_ELEMENTS = {"iframe": "src", "amp-iframe": "src", "amp-video-iframe": "src", "embed": "src", "object": "data"}
FILE_ELEMENTS = ("video", "amp-video")
VIDEO_ELEMENTS = frozenset((*ID_ELEMENTS, *FRAME_ELEMENTS, *FILE_ELEMENTS))

# Best first: what every decoder reads, then what most do, then unknown types. Playlists of streams come last.
TYPES = ("video/mp4", "video/webm", "video/ogg", "")
EXTENSIONS = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mov": "video/quicktime",
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
}
FILE_EXTENSIONS = ("mp4", "m4v", "webm", "ogv", "mov")  # of what is a video in whatever element it stands
# Servers of advertisements that show them as videos of their own.
ADVERTISERS = re.compile(r"(?:^|\.)(?:doubleclick\.net|googlesyndication\.com|2mdn\.net|innovid\.com|teads\.tv)$")
ABSOLUTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)


def video_of(tag: str, attributes: Attributes, sources: Sequence[Attributes], base: str) -> Video | None:
    """The video that an element of `VIDEO_ELEMENTS` stands for.

    `sources` are the `<source>` elements in it; in an `<object>`, also its parameters and what stands in for it.

    None for a frame that shows anything else, an advertisement, or a video without an http(s) address.
    """
    if tag in FILE_ELEMENTS:
        return best_source(attributes, sources, base)
    if tag in ID_ELEMENTS:
        name, template = ID_ELEMENTS[tag]
        return framed_video(template.format(attributes.get(name) or ""), base)
    addresses = [attributes.get(FRAME_ELEMENTS[tag]) or "", *_lazy(attributes), *map(_played, sources)]
    return next((video for address in addresses if (video := framed_video(address, base))), None)


def framed_video(address: str, base: str) -> Video | None:
    """The video that the frame at an address shows: of a well-known player, or a file."""
    url = resolve(address, base)
    if url is None or len(url) > MAX_PLAYER_URL_CHARS:
        return None
    host, parameters = _host(url), parse_qs(urlsplit(url).query)
    if wrapped := parameters.get(WRAPPERS.get(host, "")):
        url = resolve(wrapped[0], url) or url
        host, parameters = _host(url), parse_qs(urlsplit(url).query)
    path = urlsplit(url).path.rstrip("/") or "/"
    for player in PLAYERS.get(host, ()):
        values = (parameters.get(name, [""])[0] for name in player.parameters)
        if found := player.address.match(" ".join((path, *values))):
            groups = found.groups()
            return Video(player.url.format(*groups), player.poster_url and player.poster_url.format(*groups))
    return Video(url) if _extension(url) in FILE_EXTENSIONS and not ADVERTISERS.search(host) else None


def best_source(video: Attributes, sources: Sequence[Attributes], base: str) -> Video | None:
    """The video of a `<video>` element: its `src`, else the `<source>` of the type that most decoders read.

    Where neither is there yet, the address that a script would fill in.
    """
    files = [url for name in ("src", "data-src") if (url := _file(video.get(name), base))]
    offered = [
        (_rank(source.get("type") or "", url), url)
        for source in sources
        for name in ("src", "data-src")
        if (url := _file(source.get(name), base))
    ]
    files += (url for _, url in sorted(offered, key=lambda ranked: ranked[0]))
    files += (url for raw in _lazy(video) if (url := resolve(raw, base)) and _extension(url) in FILE_EXTENSIONS)
    poster = video.get("poster") or video.get("data-poster") or ""
    return next((Video(url, resolve(poster, base)) for url in files if not ADVERTISERS.search(_host(url))), None)


def _file(address: str | None, base: str) -> str | None:
    """The URL of a file; an address that leads back to the page is none."""
    url = resolve(address or "", base)
    return None if url == base.partition("#")[0] else url


def _rank(declared_type: str, url: str) -> int:
    mime = declared_type.partition(";")[0].strip().lower() or EXTENSIONS.get(_extension(url), "")
    return TYPES.index(mime) if mime in TYPES else len(TYPES)


def _lazy(attributes: Attributes) -> Iterator[str]:
    """Absolute addresses in `data-` attributes: where scripts that load late, or after consent, keep them."""
    for name, value in attributes.items():
        if value and name.startswith("data-") and ABSOLUTE.match(value):
            yield value


def _played(inside: Attributes) -> str:
    """The address that an element inside an `<object>` plays, if it plays anything."""
    is_movie = (inside.get("name") or "").lower() in ("movie", "src")
    return inside.get("src") or inside.get("data") or (inside.get("value") if is_movie else None) or ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.")


def _extension(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2].rpartition(".")[2].lower()
