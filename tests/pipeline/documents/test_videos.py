"""Which elements stand for a video, and its address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.videos import VIDEO_ELEMENTS, Video, best_source, framed_video, video_of

BASE = "https://example.org/news/page.html#top"
YOUTUBE = Video("https://www.youtube.com/watch?v=LtOGa5M8Au_", "https://i.ytimg.com/vi/LtOGa5M8Au_/hqdefault.jpg")
DAILYMOTION = Video("https://www.dailymotion.com/video/x2p552m", "https://www.dailymotion.com/thumbnail/video/x2p552m")
JW_PLAYER = Video("https://cdn.jwplayer.com/previews/aB3dE6gH", "https://cdn.jwplayer.com/v2/media/aB3dE6gH/poster.jpg")


@pytest.mark.parametrize(
    ("address", "video"),
    [
        ("https://www.youtube.com/embed/LtOGa5M8Au_", YOUTUBE),
        ("//www.youtube.com/embed/LtOGa5M8Au_?rel=0&amp;start=3", YOUTUBE),
        ("http://youtube.com/v/LtOGa5M8Au_&hl=en&fs=1", YOUTUBE),
        ("https://www.youtube-nocookie.com/embed/LtOGa5M8Au_", YOUTUBE),
        ("https://m.youtube.com/watch?app=desktop&v=LtOGa5M8Au_", YOUTUBE),
        ("https://www.youtube.com/shorts/LtOGa5M8Au_", YOUTUBE),
        ("https://youtu.be/LtOGa5M8Au_?t=3", YOUTUBE),
        ("https://www.youtube.com/embed/videoseries?list=PL1", None),
        ("https://www.youtube.com/embed/live_stream?channel=x", None),
        ("https://www.youtube.com/embed/LtOGa5M8Au_x", None),
        ("https://www.youtube.com/subscribe_embed", None),
        ("https://evil.example/www.youtube.com/embed/LtOGa5M8Au_", None),
        ("https://www.youtube.com.evil.example/embed/LtOGa5M8Au_", None),
        ("https://player.vimeo.com/video/32246206?color=ffffff+title=0", Video("https://vimeo.com/32246206")),
        ("https://player.vimeo.com/video/840526776/?byline=0&h=672d34af59", Video("https://vimeo.com/840526776/672d34af59")),
        ("http://vimeo.com/moogaloop.swf?clip_id=32246206", Video("https://vimeo.com/32246206")),
        ("//www.dailymotion.com/embed/video/x2p552m?syndication=131181", DAILYMOTION),
        ("https://geo.dailymotion.com/player/xf7zn.html?video=x2p552m", DAILYMOTION),
        ("https://player.twitch.tv/?video=v40464143&parent=h", Video("https://www.twitch.tv/videos/40464143")),
        ("https://player.twitch.tv/?channel=live", None),
        ("https://clips.twitch.tv/embed?clip=Fun-Slug_1&parent=h", Video("https://clips.twitch.tv/Fun-Slug_1")),
        ("https://embed.ted.com/talks/lang/fr/jane_doe_on_x", Video("https://www.ted.com/talks/jane_doe_on_x")),
        ("https://embed-ssl.ted.com/talks/jane_doe_on_x.html", Video("https://www.ted.com/talks/jane_doe_on_x")),
        ("//fast.wistia.net/embed/iframe/26sk4lmiix?a=b", Video("https://fast.wistia.net/embed/iframe/26sk4lmiix")),
        (
            "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fpage.x%2Fvideos%2F101%2F&w=5",
            Video("https://www.facebook.com/watch/?v=101"),
        ),
        ("https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fwww.facebook.com%2Fpage", None),
        ("https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fp%2Fposts%2F1", None),
        (
            "//cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fwww.youtube.com%2Fembed%2FLtOGa5M8Au_%3Ffs%3D1&w=1",
            YOUTUBE,
        ),
        ("//cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fgist.example%2F1", None),
        ("https://www.tiktok.com/embed/v2/6718335390845095173", Video("https://www.tiktok.com/player/v1/6718335390845095173")),
        (
            "https://players.brightcove.net/123/default_default/index.html?autoplay=1&videoId=ref:a-1",
            Video("https://players.brightcove.net/123/default_default/index.html?videoId=ref:a-1"),
        ),
        ("https://content.jwplatform.com/players/aB3dE6gH-Kj3hTy7u.html", JW_PLAYER),
        ("https://streamable.com/e/abc12?autoplay=1", Video("https://streamable.com/abc12")),
        ("https://www.loom.com/embed/" + "0a" * 16, Video("https://www.loom.com/share/" + "0a" * 16)),
        ("https://rumble.com/embed/v1abcd/?pub=4", Video("https://rumble.com/embed/v1abcd/")),
        ("//player.bilibili.com/player.html?aid=1&bvid=BV1xx411c7mD", Video("https://www.bilibili.com/video/BV1xx411c7mD/")),
        ("//player.bilibili.com/player.html?aid=17", Video("https://www.bilibili.com/video/av17/")),
        ("https://v.qq.com/txp/iframe/player.html?vid=a0012abcdef", Video("https://v.qq.com/x/page/a0012abcdef.html")),
        ("https://player.youku.com/embed/XMzk0==", Video("https://v.youku.com/v_show/id_XMzk0==.html")),
        ("https://vk.com/video_ext.php?id=456&hd=2&oid=-123", Video("https://vk.com/video-123_456")),
        ("https://rutube.ru/play/embed/" + "1b" * 16, Video("https://rutube.ru/video/" + "1b" * 16 + "/")),
        ("../media/film.MP4?x#t=1", Video("https://example.org/media/film.MP4?x")),
        ("film.swf", None),
        ("https://s0.2mdn.net/ads/film.mp4", None),
        ("https://www.googletagmanager.com/ns.html?id=GTM-P528B3", None),
        ("http://tpc.googlesyndication.com/safeframe/1-0-2/html/container.html", None),
        ("about:blank", None),
        ("javascript:false", None),
        ("", None),
        ("https://youtu.be/LtOGa5M8Au_?" + "x" * 3000, None),
    ],
)  # fmt: skip
def test_frames(address: str, video: Video | None) -> None:
    assert framed_video(address, BASE) == video


@pytest.mark.parametrize(
    ("tag", "attributes", "video"),
    [
        ("iframe", {"src": "https://youtu.be/LtOGa5M8Au_"}, YOUTUBE),
        ("iframe", {"src": "about:blank", "data-src": "//www.youtube.com/embed/LtOGa5M8Au_"}, YOUTUBE),
        ("iframe", {"data-cookieblock-src": "https://www.youtube.com/embed/LtOGa5M8Au_"}, YOUTUBE),
        ("iframe", {"data-share": "embed/LtOGa5M8Au_", "src": None}, None),
        ("amp-iframe", {"src": "https://youtu.be/LtOGa5M8Au_"}, YOUTUBE),
        ("embed", {"src": "http://www.youtube.com/v/LtOGa5M8Au_"}, YOUTUBE),
        ("object", {"data": "http://www.youtube.com/v/LtOGa5M8Au_", "src": "x"}, YOUTUBE),
        ("object", {"classid": "clsid:d27cdb6e"}, None),
        ("amp-youtube", {"data-videoid": "LtOGa5M8Au_"}, YOUTUBE),
        ("lite-youtube", {"videoid": "LtOGa5M8Au_", "style": "x"}, YOUTUBE),
        ("lite-youtube", {"videoid": "../../x"}, None),
        ("lite-youtube", {}, None),
        ("amp-vimeo", {"data-videoid": "1"}, Video("https://vimeo.com/1")),
        ("amp-dailymotion", {"data-videoid": "x2p552m"}, DAILYMOTION),
        ("amp-jwplayer", {"data-media-id": "aB3dE6gH", "data-player-id": "x"}, JW_PLAYER),
        ("video", {"src": "a.mp4", "poster": "a.jpg"}, Video("https://example.org/news/a.mp4", "https://example.org/news/a.jpg")),
        ("amp-video", {"src": "https://h/a.mp4"}, Video("https://h/a.mp4")),
    ],
)  # fmt: skip
def test_elements(tag: str, attributes: dict[str, str | None], video: Video | None) -> None:
    assert video_of(tag, attributes, [], BASE) == video


@pytest.mark.parametrize(
    ("attributes", "sources", "url"),
    [
        ({"src": "/a.webm"}, [{"src": "/b.mp4"}], "https://example.org/a.webm"),
        ({}, [{"src": "/a.webm"}, {"src": "/b.mp4"}], "https://example.org/b.mp4"),
        ({}, [{"src": "/a", "type": "video/webm"}, {"src": "/b", "type": 'Video/MP4; codecs="x"'}], "https://example.org/b"),
        ({}, [{"src": "/a.ogv"}, {"src": "/b.webm"}], "https://example.org/b.webm"),
        ({}, [{"src": "/a.m3u8"}, {"src": "/b"}], "https://example.org/b"),
        ({}, [{"src": "/a.mov"}, {"src": "/b.m3u8"}], "https://example.org/a.mov"),
        ({}, [{"src": "/a.m3u8"}], "https://example.org/a.m3u8"),
        ({}, [{"data-src": "/a.mp4", "src": ""}], "https://example.org/a.mp4"),
        ({"src": "blob:https://example.org/1", "data-mp4": "https://h/a.mp4"}, [], "https://h/a.mp4"),
        ({"src": "#", "data-src": "/a.mp4"}, [], "https://example.org/a.mp4"),
        ({"data-page": "https://h/a.html"}, [], None),
        ({"src": "data:video/mp4;base64,AA"}, [{"src": "javascript:x"}], None),
        ({"src": "https://ad.doubleclick.net/a.mp4"}, [], None),
        ({}, [], None),
    ],
)  # fmt: skip
def test_sources(attributes: dict[str, str | None], sources: list[dict[str, str | None]], url: str | None) -> None:
    found = best_source(attributes, sources, BASE)
    assert (found.url if found else None) == url


@pytest.mark.parametrize(
    ("poster", "url"),
    [
        ({"poster": "../a b.jpg"}, "https://example.org/a%20b.jpg"),
        ({"data-poster": "//h/a.jpg"}, "https://h/a.jpg"),
        ({"poster": "data:image/gif;base64,R0lG"}, None),
        ({"poster": None}, None),
    ],
)
def test_posters(poster: dict[str, str | None], url: str | None) -> None:
    assert best_source({"src": "a.mp4", **poster}, [], BASE) == Video("https://example.org/news/a.mp4", url)


ADDRESSES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="/?&=[]%@:#.vh1", max_size=30).map("https://player.vimeo.com/video/1".__add__),
    st.text(alphabet="/?&=[]%@:#.src", max_size=30).map("//cdn.embedly.com/?src=http://".__add__),
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["src", "data", "data-src", "data-videoid", "videoid", "poster", "type"]), st.none() | ADDRESSES
)


@given(st.sampled_from(sorted(VIDEO_ELEMENTS)), ATTRIBUTES, st.lists(ATTRIBUTES, max_size=3), st.just(BASE) | st.text())
def test_any_attributes(
    tag: str, attributes: dict[str, str | None], sources: list[dict[str, str | None]], base: str
) -> None:
    if video := video_of(tag, attributes, sources, base):
        for url in video:
            assert url is None or url.startswith(("http://", "https://"))
            assert url is None or url.isascii()
