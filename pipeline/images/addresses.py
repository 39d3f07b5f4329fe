"""Which network addresses a crawler may connect to, and a resolver that returns no other.

A page can name any address as the place of its images: the machine's own services, its neighbours, a cloud's metadata
service. The rule here: a connection goes to an address that was checked and to no other. Hosts that are written as an
address, in whatever spelling, are recognised by `literal_address`; names go through `PublicResolver`, and aiohttp
connects to exactly the addresses that it returns, so a second DNS answer ("rebinding") is never asked for.
"""

import socket
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Address = IPv4Address | IPv6Address

# Only this block of IPv6 is assigned to public hosts (IANA, Internet Protocol Version 6 Address Space).
GLOBAL_UNICAST = IPv6Network("2000::/3")
# RFC 6052 section 2.1: the last 32 bits are an IPv4 address.
NAT64 = IPv6Network("64:ff9b::/96")
# Entries of IANA's special-purpose registries that `ipaddress` of Python 3.11 takes for public.
ALSO_SPECIAL = (
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments, RFC 6890
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, withdrawn by RFC 7526
    IPv6Network("2001::/23"),  # IETF protocol assignments, Teredo among them, RFC 2928
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
)


class PrivateAddressError(OSError):
    """A host has no address that a crawler may connect to."""


class Endpoint(NamedTuple):
    """Where to connect."""

    address: str
    port: int


def is_public(address: Address) -> bool:
    """Whether `address` belongs to a public host; an IPv6 address that carries an IPv4 address is judged by that."""
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            embedded = IPv4Address(int(address) & 0xFFFF_FFFF)
        if embedded is not None:
            return is_public(embedded)
        if address not in GLOBAL_UNICAST or address.scope_id is not None:
            return False
    special = any(address in network for network in ALSO_SPECIAL if network.version == address.version)
    return address.is_global and not address.is_multicast and not special


def literal_address(host: str) -> Address | None:
    """The address that a URL's host spells, None if it is a name.

    IPv4 may be written in any form that C's `inet_aton` takes (`127.1`, `0x7f.0.0.1`, `2130706433`, `0177.0.0.1`):
    some part of the system would connect to it.
    """
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def parse_overrides(texts: Iterable[str]) -> dict[tuple[str, int], Endpoint]:
    """Read `HOST:PORT:ADDRESS` as of curl's `--resolve`: URLs with that host and port connect to ADDRESS.

    ADDRESS may bring a port of its own (`127.0.0.1:8443`), else the URL's port stays; IPv6 is written in brackets
    (`[::1]`, `[::1]:8443`). Returns (host, port) to endpoint; raises `ValueError` that names the culprit.
    """
    overrides = {}
    for text in texts:
        try:
            name, port_text, address = text.split(":", 2)
            host = URL.build(scheme="http", host=name).raw_host or ""
            port = int(port_text)
            place = urlsplit(f"//{address}")
            if place.netloc != address:
                raise ValueError(f"{address!r} is not an address")
            endpoint = Endpoint(str(ip_address(place.hostname or "")), place.port or port)
        except ValueError as error:
            raise ValueError(
                f"resolve override {text!r} is not HOST:PORT:ADDRESS such as example.org:443:192.0.2.1 ({error})"
            ) from error
        if not host or literal_address(host) is not None:
            raise ValueError(f"resolve override {text!r}: HOST must be a name; an address is never looked up")
        if not 0 < port < 65536:
            raise ValueError(f"resolve override {text!r}: PORT must be from 1 to 65535")
        overrides[_host_key(host), port] = endpoint
    return overrides


class PublicResolver(AbstractResolver):
    """Looks names up with `dns` and passes on public addresses only; `overrides` go before DNS.

    `resolve` raises `PrivateAddressError` where a name has addresses but no public one (never with `allow_private`),
    and what `dns` raises (`OSError`) where it has none.
    """

    def __init__(
        self, dns: AbstractResolver, overrides: Mapping[tuple[str, int], Endpoint], *, allow_private: bool
    ) -> None:
        self._dns = dns
        self._overrides = overrides
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        override = self._overrides.get((_host_key(host), port))
        if override is not None:
            found = [_resolved(host, override)]
        else:
            try:
                found = await self._dns.resolve(host, port, family)
            except UnicodeError as error:  # a label that is too long or empty; the socket module does not wrap it
                raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a host name: {error}") from error
        allowed = [one for one in found if self._allow_private or is_public(ip_address(one["host"]))]
        if found and not allowed:
            addresses = ", ".join(sorted(one["host"] for one in found))
            raise PrivateAddressError(f"{host} has no public address, only {addresses}")
        return allowed

    async def close(self) -> None:
        await self._dns.close()


def _host_key(host: str) -> str:
    return host.rstrip(".").lower()


def _resolved(host: str, endpoint: Endpoint) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=endpoint.address,
        port=endpoint.port,
        family=socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST,
    )
