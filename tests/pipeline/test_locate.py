"""Fetch units: every URL in exactly one, none too large, and a function of the set of URLs alone."""

from collections import Counter, defaultdict
from random import Random
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.locate import HOST_BITS, Place, Request, network_prefixes, placement, request, split, unit_of

hosts = st.integers(0, 30).map(lambda number: f"host{number}.example")
urls = st.sets(st.builds("https://{}/{}.png".format, hosts, st.integers(0, 99)), min_size=1, max_size=80)
limits = st.integers(1, 12)


def units_of(wanted: list[str], limit: int) -> dict[str, set[str]]:
    """Units by name, as `Locate` forms them."""
    requests = [Request(url, "network", "", "", "", 0, 0, 1) for url in wanted]
    host_counts = Counter(placement(url)[:HOST_BITS] for url in wanted)
    prefixes = network_prefixes(list(host_counts.items()), limit)
    groups = defaultdict(list)
    for one in requests:
        name, _ = unit_of(one, prefixes)
        groups[name].append(one)
    return {
        unit: {one.url for one in members}
        for name, group in groups.items()
        for unit, members in split(name, group, limit)
    }


@given(urls, limits, st.randoms())
def test_units_are_a_partition_by_the_set_alone(wanted: set[str], limit: int, random: Random) -> None:
    shuffled = sorted(wanted)
    random.shuffle(shuffled)
    units = units_of(sorted(wanted), limit)
    assert units == units_of(shuffled, limit)
    assert sorted(url for members in units.values() for url in members) == sorted(wanted)
    assert all(0 < len(members) <= limit for members in units.values())
    names = sorted(units)
    assert not any(one != other and other.startswith(one) for one in names for other in names)


@given(urls, limits)
def test_a_host_that_fits_is_in_one_unit(wanted: set[str], limit: int) -> None:
    by_bits = defaultdict(set)  # hosts whose hashes share their first 16 bits count as one
    for url in wanted:
        by_bits[placement(url)[:HOST_BITS]].add(url)
    units = units_of(sorted(wanted), limit)
    for together in by_bits.values():
        if len(together) <= limit:
            assert any(together <= members for members in units.values())


@given(urls, urls, limits)
def test_what_was_fetched_before_is_found_when_a_corpus_grows(one: set[str], two: set[str], limit: int) -> None:
    """fetch looks for a URL in those earlier units whose name begins the unit's own, or the other way round."""
    before, now = units_of(sorted(one), limit), units_of(sorted(one | two), limit)
    for url in one:
        (old,) = (name for name, members in before.items() if url in members)
        (new,) = (name for name, members in now.items() if url in members)
        assert old.startswith(new) or new.startswith(old)


@given(urls)
def test_one_unit_holds_all_that_fit(wanted: set[str]) -> None:
    assert list(units_of(sorted(wanted), len(wanted)).values()) == [wanted]
    hosts_wanted = {urlsplit(url).hostname for url in wanted}
    assert len(units_of(sorted(wanted), 1)) == len(wanted) >= len(hosts_wanted)


def place(unit: str, status: int, day: int, offset: int = 0) -> Place:
    return Place(unit, "crawl", f"{unit}.warc.gz", offset, 10, status, day)


def test_the_newest_good_response_is_asked_for() -> None:
    url = "https://a.example/i.png"
    old, new, later_failure = place("a", 200, 1), place("b", 200, 2), place("c", 404, 3)

    def asked(*archived: Place, wanted: tuple[int, ...] = (2, 3), use_network: bool = True) -> list[Request]:
        return list(request((url, {"wanted": wanted, "archived": archived}), use_network))

    best = Request(url, "archive", "archive-b", "crawl", "b.warc.gz", 0, 10, 5)
    assert asked(old, new, later_failure) == asked(later_failure, new, old) == [best]
    assert [found.unit for found in asked(later_failure)] == ["archive-c"]
    assert [found.warc_offset for found in asked(place("a", 200, 1, 30), place("a", 200, 1, 20))] == [20]
    assert [found.source for found in asked()] == ["network"]
    assert [found.source for found in asked(use_network=False)] == ["none"]
    assert asked(old, wanted=()) == []
