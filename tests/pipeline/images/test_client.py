"""The client against a server that misbehaves, over real sockets."""

import asyncio
import collections
import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from urllib.parse import quote

import pytest

from pipeline.images import addresses, client
from pipeline.images.addresses import Address
from pipeline.images.client import Access, Failure, FetchLimits, Response, fetch
from pipeline.images.problem import ImageProblem
from pipeline.images.responses import read_image_record, response_record
from tests.servers.adversarial import PICTURE, AdversarialServer

LIMITS = FetchLimits(deadline_s=20.0, max_bytes=1_000_000, max_redirects=3, connections=8, connections_per_host=8)
SHORT = replace(LIMITS, deadline_s=0.7)
# What may be on its way when the client closes a connection: socket buffers on both sides and aiohttp's own.
IN_FLIGHT_BYTES = 16_000_000


def fetch_all(urls: list[str], access: Access, limits: FetchLimits = LIMITS) -> dict[str, Response | Failure]:
    async def collect() -> dict[str, Response | Failure]:
        return {url: outcome async for url, outcome in fetch(urls, limits, access)}

    return asyncio.run(collect())


def fetch_one(url: str, access: Access, limits: FetchLimits = LIMITS) -> Response | Failure:
    return fetch_all([url], access, limits)[url]


def reason(outcome: Response | Failure) -> str:
    assert isinstance(outcome, Failure), outcome
    return outcome.reason


FETCHED_AT = datetime(2024, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_response_is_given_back_as_received(adversary: AdversarialServer, access: Access, scheme: str) -> None:
    url = adversary.url("odd-headers", scheme)
    assert fetch_one(url, access) == Response(
        url=url,
        final_url=url,
        status=200,
        reason_phrase="Tr\xe8s bien",
        http_version="HTTP/1.1",
        headers=(
            ("Content-Type", "image/png"),
            ("Content-Length", str(len(PICTURE))),
            ("X-RoBots-Tag", "noindex"),
            ("x-robots-tag", "noai"),
            ("X-Name", "\xe9t\xe9"),
            ("X-Empty", ""),
        ),
        body=PICTURE,
    )


@pytest.mark.parametrize("path", ["image", "no-length", "chunked", "closing"])
def test_every_framing_of_a_body_is_read(adversary: AdversarialServer, access: Access, path: str) -> None:
    outcome = fetch_one(adversary.url(path), access)
    assert isinstance(outcome, Response)
    assert outcome.body == PICTURE


def test_the_request_says_who_asks(adversary: AdversarialServer, access: Access) -> None:
    fetch_one(adversary.url("image/who"), replace(access, user_agent="m3w/9 (+https://m3w.example/)"))
    head = next(head for head in reversed(adversary.heads) if b"image/who" in head)
    assert b"User-Agent: m3w/9 (+https://m3w.example/)\r\n" in head
    assert b"Accept-Encoding: gzip, deflate, identity\r\n" in head
    assert b"\r\nHost: adversary.example\r\n" in head


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_other_statuses_are_responses(adversary: AdversarialServer, access: Access, status: int) -> None:
    outcome = fetch_one(adversary.url(f"status/{status}"), access)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.reason_phrase, outcome.body) == (status, "As Asked", b"<h1>No</h1>")


@pytest.mark.parametrize("path", ["drip", "slow-headers", "never"])
def test_the_deadline_is_for_the_whole_answer(adversary: AdversarialServer, access: Access, path: str) -> None:
    assert reason(fetch_one(adversary.url(path), access, SHORT)) == "timeout"


def test_the_deadline_covers_redirects(adversary: AdversarialServer, access: Access) -> None:
    target = quote(adversary.url("drip"), safe="")
    assert reason(fetch_one(adversary.url(f"redirect-to/{target}"), access, SHORT)) == "timeout"


def test_waiting_for_a_connection_is_not_charged_to_the_deadline(adversary: AdversarialServer, access: Access) -> None:
    slow = [adversary.url(f"never/{number}") for number in range(3)]
    good = adversary.url("image/after-the-slow")
    outcomes = fetch_all([*slow, good], access, replace(SHORT, connections_per_host=1))
    assert [reason(outcomes[url]) for url in slow] == ["timeout"] * 3
    assert isinstance(outcomes[good], Response)


@pytest.mark.parametrize("path", ["endless", "endless-chunks", "oversize"])
def test_bodies_without_end_are_left(adversary: AdversarialServer, access: Access, path: str) -> None:
    assert reason(fetch_one(adversary.url(path), access)) == "too_large"
    assert adversary.bytes_sent[f"/{path}"] < LIMITS.max_bytes + IN_FLIGHT_BYTES


def test_a_body_of_just_the_limit_passes(adversary: AdversarialServer, access: Access) -> None:
    exact = replace(LIMITS, max_bytes=len(PICTURE))
    one_less = replace(LIMITS, max_bytes=len(PICTURE) - 1)
    for path in ("image", "chunked", "no-length"):
        assert isinstance(fetch_one(adversary.url(path), access, exact), Response)
        assert reason(fetch_one(adversary.url(path), access, one_less)) == "too_large"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("truncated", "incomplete_body"),
        ("truncated-chunks", "incomplete_body"),
        ("reset", "incomplete_body"),
        ("hang-up", "disconnected"),
        ("garbage", "bad_response"),
        ("huge-header", "bad_response"),
        ("many-headers", "bad_response"),
    ],
)
def test_broken_answers_have_a_reason(adversary: AdversarialServer, access: Access, path: str, expected: str) -> None:
    assert reason(fetch_one(adversary.url(path), access)) == expected


def test_chunks_that_are_none_end_at_the_deadline_at_the_latest(adversary: AdversarialServer, access: Access) -> None:
    """aiohttp 3.14 tells the reader at once only if they come in one packet with the headers."""
    assert reason(fetch_one(adversary.url("bad-chunks"), access, SHORT)) in ("bad_response", "timeout")


def test_redirects_are_followed_up_to_the_limit(adversary: AdversarialServer, access: Access) -> None:
    outcome = fetch_one(adversary.url("redirect-chain/3"), access)
    assert isinstance(outcome, Response)
    assert (outcome.url, outcome.final_url) == (adversary.url("redirect-chain/3"), adversary.url("image"))
    assert outcome.body == PICTURE
    assert reason(fetch_one(adversary.url("redirect-chain/4"), access)) == "too_many_redirects"
    assert reason(fetch_one(adversary.url("redirect-loop"), access)) == "too_many_redirects"


def test_a_redirect_can_change_to_https(adversary: AdversarialServer, access: Access) -> None:
    target = adversary.url("image", "https")
    outcome = fetch_one(adversary.url(f"redirect-to/{quote(target, safe='')}"), access)
    assert isinstance(outcome, Response)
    assert outcome.final_url == target


def test_a_redirect_without_a_place_is_a_response(adversary: AdversarialServer, access: Access) -> None:
    outcome = fetch_one(adversary.url("redirect-nowhere"), access)
    assert isinstance(outcome, Response)
    assert outcome.status == 302


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("file:///etc/passwd", "scheme"),
        ("ftp://adversary.example/image", "scheme"),
        ("data:image/png;base64,AAAA", "scheme"),
        ("gopher://127.0.0.1:70/", "scheme"),
        ("http://adversary.example:22/", "port"),
        ("http://[::1/", "bad_url"),
        ("http://adversary.example:99999/", "bad_url"),
        ("http://user:secret@adversary.example/image", "bad_url"),
    ],
)
def test_redirects_are_checked_like_the_first_url(
    adversary: AdversarialServer, access: Access, target: str, expected: str
) -> None:
    assert reason(fetch_one(target, access)) == expected
    assert reason(fetch_one(adversary.url(f"redirect-to/{quote(target, safe='')}"), access)) == expected


@pytest.mark.parametrize(
    "url", ["", "image.png", "//adversary.example/image", "http://", "http://\udcff/", "http://a\x00b/"]
)
def test_what_is_no_absolute_url_is_refused(access: Access, url: str) -> None:
    assert reason(fetch_one(url, access)) in ("bad_url", "dns")


@pytest.fixture
def only_127_0_0_1_counts_as_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it no test could reach a first hop, for every server of a test has a private address."""

    def policy(address: Address) -> bool:
        return address == IPv4Address("127.0.0.1")

    for module in (client, addresses):
        monkeypatch.setattr(module, "is_public", policy)


@pytest.mark.usefixtures("only_127_0_0_1_counts_as_public")
@pytest.mark.parametrize(
    "host", ["127.0.0.2", "0x7f000002", "2130706434", "0177.0.0.2", "127.2", "[::1]", "[::ffff:127.0.0.2]", "10.0.0.1",
             "169.254.169.254", "private.example"],
)  # fmt: skip
def test_a_redirect_to_a_private_address_is_refused(adversary: AdversarialServer, access: Access, host: str) -> None:
    overrides = (*adversary.resolve, f"private.example:80:127.0.0.2:{adversary.http_port}")
    guarded = replace(access, allow_private_addresses=False, resolve=overrides)
    assert isinstance(fetch_one(adversary.url("image"), guarded), Response)
    target = quote(f"http://{host}/image", safe="")
    assert reason(fetch_one(adversary.url(f"redirect-to/{target}"), guarded)) == "private_address"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "localhost",
             "１２７.0.0.1"],
)  # fmt: skip
def test_loopback_is_not_even_connected_to(adversary: AdversarialServer, host: str) -> None:
    before = adversary.connections
    assert reason(fetch_one(f"http://{host}:{adversary.http_port}/image", Access("m3w-test"))) == "private_address"
    assert adversary.connections == before


def test_an_override_alone_does_not_open_private_addresses(adversary: AdversarialServer, access: Access) -> None:
    before = adversary.connections
    closed = replace(access, allow_private_addresses=False)
    assert reason(fetch_one(adversary.url("image"), closed)) == "private_address"
    assert adversary.connections == before


def test_an_address_is_connected_to_as_it_was_checked(adversary: AdversarialServer, access: Access) -> None:
    outcome = fetch_one(f"http://2130706433:{adversary.http_port}/image", access)
    assert isinstance(outcome, Response)
    assert outcome.final_url == f"http://127.0.0.1:{adversary.http_port}/image"


def test_an_unknown_name_is_a_dns_failure(access: Access) -> None:
    assert reason(fetch_one("http://no-such-host.invalid/", access)) == "dns"
    assert reason(fetch_one(f"http://{'a' * 70}.example/", access)) == "dns"


def test_a_closed_port_is_a_connect_failure(access: Access) -> None:
    closed = replace(access, resolve=("closed.example:80:127.0.0.1:1",))
    assert reason(fetch_one("http://closed.example/", closed)) == "connect"


def test_certificates_are_checked(adversary: AdversarialServer, access: Access) -> None:
    url = adversary.url("image", "https")
    assert reason(fetch_one(url, replace(access, ca_file=None))) == "tls"
    other = replace(access, resolve=(f"other.example:443:127.0.0.1:{adversary.port}",))
    assert reason(fetch_one("https://other.example/image", other)) == "tls"


def test_connections_are_kept(adversary: AdversarialServer, access: Access) -> None:
    before = adversary.connections
    urls = [adversary.url(f"image/{number}", "https") for number in range(50)]
    outcomes = fetch_all(urls, access, replace(LIMITS, connections_per_host=2))
    assert all(isinstance(outcome, Response) for outcome in outcomes.values())
    assert adversary.connections - before <= 2


def test_a_slow_host_holds_up_no_other(adversary: AdversarialServer, access: Access) -> None:
    """The slow host has more URLs than there are connections; the other's come first all the same."""
    slow = [f"http://slow.example/never/{number}" for number in range(6)]
    good = [adversary.url(f"image/{number}") for number in range(20)]
    both = replace(access, resolve=(*adversary.resolve, f"slow.example:80:127.0.0.1:{adversary.http_port}"))
    outcomes = fetch_all([*slow, *good], both, replace(SHORT, connections=4, connections_per_host=2))
    assert set(list(outcomes)[:20]) == set(good)
    assert {reason(outcomes[url]) for url in slow} == {"timeout"}


def test_every_url_has_one_outcome(adversary: AdversarialServer, access: Access) -> None:
    paths = ["image", "truncated", "closing", "status/500", "garbage", "redirect-loop", "hang-up", "empty"]
    urls = [adversary.url(f"{path}?{number}") for number in range(10) for path in paths] + ["mailto:x", "nonsense"]

    async def collect() -> list[str]:
        return [url async for url, _ in fetch(urls, LIMITS, access)]

    assert collections.Counter(asyncio.run(collect())) == collections.Counter(urls)


def test_leaving_early_leaves_nothing_behind(adversary: AdversarialServer, access: Access) -> None:
    async def leave() -> int:
        urls = [adversary.url("image"), *(adversary.url(f"never/{number}") for number in range(20))]
        async with contextlib.aclosing(fetch(urls, LIMITS, access)) as outcomes:
            async for _ in outcomes:
                break
        return len(asyncio.all_tasks())

    assert asyncio.run(leave()) == 1


def test_a_defect_is_raised_where_the_caller_reads(
    adversary: AdversarialServer, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_host: str) -> Address | None:
        raise ArithmeticError("a defect")

    monkeypatch.setattr(client, "literal_address", broken)
    with pytest.raises(ArithmeticError):
        fetch_one(adversary.url("image"), access)


def test_settings_are_checked_first(access: Access) -> None:
    with pytest.raises(ValueError, match="resolve override"):
        fetch_one("http://adversary.example/", replace(access, resolve=("nonsense",)))
    with pytest.raises(OSError):
        fetch_one("http://adversary.example/", replace(access, ca_file="no/such/file.pem"))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare-deflate", "br", "twice"])
def test_encoded_bodies_come_as_sent_and_decode(adversary: AdversarialServer, access: Access, encoding: str) -> None:
    outcome = fetch_one(adversary.url(f"encoded/{encoding}"), access)
    assert isinstance(outcome, Response)
    assert outcome.body != PICTURE
    assert read_image_record(response_record(outcome, FETCHED_AT), max_bytes=LIMITS.max_bytes).body == PICTURE


@pytest.mark.parametrize("path", ["encoded/unknown", "wrong-encoding"])
def test_a_picture_that_is_not_encoded_as_its_header_says_is_read(
    adversary: AdversarialServer, access: Access, path: str
) -> None:
    outcome = fetch_one(adversary.url(path), access)
    assert isinstance(outcome, Response)
    assert read_image_record(response_record(outcome, FETCHED_AT), max_bytes=LIMITS.max_bytes).body == outcome.body


def test_a_bomb_has_a_reason(adversary: AdversarialServer, access: Access) -> None:
    outcome = fetch_one(adversary.url("gzip-bomb"), access)
    assert isinstance(outcome, Response)
    with pytest.raises(ImageProblem) as problem:
        read_image_record(response_record(outcome, FETCHED_AT), max_bytes=LIMITS.max_bytes)
    assert problem.value.reason == "too_large"
