"""Addresses: nothing that is not public passes, however it is written."""

import asyncio
import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from hypothesis import assume, given
from hypothesis import strategies as st
from yarl import URL

from pipeline.images.addresses import (
    Endpoint,
    PrivateAddressError,
    PublicResolver,
    is_public,
    literal_address,
    parse_overrides,
)

# IANA's special-purpose registries (and multicast), as of 2025: what no crawler should connect to.
PRIVATE_NETWORKS = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
    "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
PRIVATE = st.sampled_from(PRIVATE_NETWORKS).flatmap(lambda network: st.ip_addresses(network=network))
PRIVATE_V4 = st.sampled_from([n for n in PRIVATE_NETWORKS if ":" not in n]).flatmap(
    lambda network: st.ip_addresses(network=network)
)
# IPv6 addresses that are judged by the IPv4 address inside.
CARRIERS = [IPv6Network("::ffff:0:0/96"), IPv6Network("2002::/16"), IPv6Network("64:ff9b::/96")]
PUBLIC_NETWORKS = ["1.0.0.0/8", "8.0.0.0/8", "93.0.0.0/8", "2a00::/16", "2606::/16", "2404::/16"]
PUBLIC = st.sampled_from(PUBLIC_NETWORKS).flatmap(lambda network: st.ip_addresses(network=network))


def spellings(address: IPv4Address) -> list[str]:
    """The ways to write an IPv4 address that some resolver or other understands."""
    number = int(address)
    first, second, third, fourth = address.packed
    return [
        str(address),
        str(number),
        hex(number),
        f"0{number:o}",
        f"{first}.{number & 0xFFFFFF}",
        f"{first}.{second}.{number & 0xFFFF}",
        f"0x{first:x}.0{second:o}.{third}.0x{fourth:X}",
        f"0{first:o}.0{second:o}.0{third:o}.0{fourth:o}",
    ]


@given(PRIVATE)
def test_special_addresses_are_not_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)


@given(PUBLIC)
def test_ordinary_addresses_are_public(address: IPv4Address | IPv6Address) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_what_python_calls_private_is_not_public(address: IPv4Address | IPv6Address) -> None:
    assume(not any(address in network for network in CARRIERS))
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not is_public(address)


def embed(address: IPv4Address) -> list[IPv6Address]:
    number = int(address)
    return [
        IPv6Address(int(IPv6Address("::ffff:0:0")) | number),
        IPv6Address(int(IPv6Address("2002::")) | number << 80),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
    ]


@given(PRIVATE_V4)
def test_embedded_private_addresses_are_not_public(address: IPv4Address) -> None:
    assert [is_public(carrier) for carrier in embed(address)] == [False, False, False]


def test_embedded_public_addresses_are_public() -> None:
    assert [is_public(carrier) for carrier in embed(IPv4Address("8.8.8.8"))] == [True, True, True]


def test_a_zone_is_never_public() -> None:
    assert not is_public(IPv6Address("2606:4700::1%eth0"))


@given(PRIVATE_V4, st.integers(0, 7))
def test_every_spelling_of_an_address_is_recognised(address: IPv4Address, index: int) -> None:
    written = spellings(address)[index]
    assert literal_address(written) == address
    assert literal_address(URL(f"http://{written}/").raw_host or "") == address


def test_digits_of_other_scripts_are_an_address_to_url_parsers() -> None:
    assert literal_address(URL("http://１２７.０.０.１/").raw_host or "") == IPv4Address("127.0.0.1")
    assert literal_address(URL("http://①②⑦.0.0.1/").raw_host or "") == IPv4Address("127.0.0.1")


@pytest.mark.parametrize("name", ["localhost", "example.org", "1.example.org", "a" * 300, "1.2.3.4.5", "", "300.1.1.1"])
def test_names_are_no_addresses(name: str) -> None:
    assert literal_address(name) is None


class Records(AbstractResolver):
    """DNS with answers set by the test: each call takes the next."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.answers.pop(0)
        ]

    async def close(self) -> None:
        self.answers.clear()


def resolve(
    dns: AbstractResolver, host: str, port: int = 443, *, allow_private: bool = False, overrides: tuple[str, ...] = ()
) -> list[tuple[str, int]]:
    resolver = PublicResolver(dns, parse_overrides(overrides), allow_private=allow_private)
    return [(found["host"], found["port"]) for found in asyncio.run(resolver.resolve(host, port))]


@given(st.lists(PRIVATE, min_size=1, max_size=4))
def test_a_name_with_private_addresses_only_is_refused(addresses: list[IPv4Address | IPv6Address]) -> None:
    with pytest.raises(PrivateAddressError):
        resolve(Records([str(address) for address in addresses]), "internal.example")


def test_only_the_public_addresses_of_a_name_are_passed_on() -> None:
    dns = Records(["10.0.0.1", "93.184.216.34", "::1"])
    assert resolve(dns, "mixed.example") == [("93.184.216.34", 443)]


def test_private_addresses_can_be_allowed() -> None:
    assert resolve(Records(["10.0.0.1"]), "internal.example", allow_private=True) == [("10.0.0.1", 443)]


def test_localhost_is_refused_by_what_it_resolves_to() -> None:
    async def real_dns() -> None:
        await PublicResolver(ThreadedResolver(), {}, allow_private=False).resolve("localhost", 80)

    with pytest.raises(PrivateAddressError):
        asyncio.run(real_dns())


def test_overrides_go_before_dns_and_match_host_and_port() -> None:
    overrides = ("Example.org:443:93.184.216.34", "example.org:80:1.1.1.1:8080", "six.example:443:[2606:4700::1]:8443")
    assert resolve(Records(), "example.org", overrides=overrides) == [("93.184.216.34", 443)]
    assert resolve(Records(), "EXAMPLE.org.", overrides=overrides) == [("93.184.216.34", 443)]
    assert resolve(Records(), "example.org", 80, overrides=overrides) == [("1.1.1.1", 8080)]
    assert resolve(Records(), "six.example", overrides=overrides) == [("2606:4700::1", 8443)]
    assert resolve(Records(["8.8.8.8"]), "example.org", 8000, overrides=overrides) == [("8.8.8.8", 8000)]


def test_an_override_to_a_private_address_must_be_allowed() -> None:
    overrides = ("example.org:443:127.0.0.1:8443",)
    with pytest.raises(PrivateAddressError):
        resolve(Records(), "example.org", overrides=overrides)
    assert resolve(Records(), "example.org", overrides=overrides, allow_private=True) == [("127.0.0.1", 8443)]


def test_overrides_take_international_names() -> None:
    assert parse_overrides(["bücher.example:443:8.8.8.8"]) == {("xn--bcher-kva.example", 443): Endpoint("8.8.8.8", 443)}


@pytest.mark.parametrize(
    "text",
    [
        "", "example.org", "example.org:443", "example.org:443:", "example.org:x:1.1.1.1", "example.org:443:other.org",
        "example.org:0:1.1.1.1", "example.org:65536:1.1.1.1", "example.org:443:1.1.1.1:70000", ":443:1.1.1.1",
        "127.0.0.1:443:1.1.1.1", "0x7f.1:443:1.1.1.1", "example.org:443:::1", "example.org:443:1.1.1.1/path",
    ],
)  # fmt: skip
def test_malformed_overrides_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="resolve override") as problem:
        parse_overrides(["good.example:443:1.1.1.1", text])
    assert repr(text) in str(problem.value)


def test_special_networks_of_newer_pythons_are_known_to_all() -> None:
    networks = [ipaddress.ip_network(network) for network in PRIVATE_NETWORKS]
    assert not any(is_public(network[0]) or is_public(network[-1]) for network in networks)
