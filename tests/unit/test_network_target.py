"""Addresses as people and attackers write them: one way to read each, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.network.target import (
    Place,
    joined,
    name_within,
    place_within,
    read_place,
    read_url,
    same_name,
    same_place,
    same_url,
    url_within,
)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://Example.COM", "https://example.com/"),
        ("HTTP://example.com:80/a?b=c#d", "http://example.com/a?b=c"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("https://example.com:/x", "https://example.com/x"),
        ("https://example.com?q", "https://example.com/?q"),
        ("example.com", "https://example.com/"),
        ("example.com:8443/health", "https://example.com:8443/health"),
        ("http://localhost.", "http://localhost/"),
        ("http://my_host/", "http://my_host/"),
        ("http://bücher.example/ä b".replace(" ", ""), "http://xn--bcher-kva.example/%C3%A4b"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("http://\uff11\uff12\uff17.0.0.1/", "http://127.0.0.1/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://example.com/%2e%2e/%zz", "http://example.com/%2e%2e/%25zz"),
        ("http://example.com/?to=http://evil.io/", "http://example.com/?to=http://evil.io/"),
        ("http://example.com//evil.io", "http://example.com//evil.io"),
    ],
)
def test_an_address_is_read_in_one_way(text: str, url: str) -> None:
    """Case, default ports, a last dot and letters of other scripts make no difference."""
    assert read_url(text).url == url
    assert read_url(url).url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api",
        "localhost:8080/x",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "javascript:alert(1)",
        "http:example.com",
        "http:/example.com",
        "http:///example.com",
        "http://",
        "http://user@example.com/",
        "http://user:pw@example.com/",
        "http://example.com@evil.io/",
        "http://example.com:80@evil.io/",
        "http://example.com\\@evil.io/",
        "http://example.com\\evil.io/",
        "http://exam ple.com/",
        "http://example.com/a b",
        "http://example.com/\r\nHost:evil",
        "http://example.com/\t",
        "http://exam\u200bple.com/",
        "http://a..b/",
        "http://.example.com/",
        "http://-a.example/",
        "http://a%2eb/",
        "http://127.0.0.1%2f/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.0.1.1/",
        "http://127.0.0.256/",
        "http://example.0x1/",
        "http://1.2.3.4.5/",
        "http://[::1/",
        "http://[::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[v1.x]/",
        "http://[127.0.0.1]/",
        "http://::1/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:8 0/",
        "http://example.com:\uff18\uff10/",
        "http://example.com:80:80/",
        "http://" + "a" * 64 + ".com/",
        "http://example.com/" + "a" * 2_000,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    """Names and passwords, odd spellings of numbers, signs that nobody sees: refused, and said."""
    with pytest.raises(ValueError, match=r"\w"):
        read_url(text)


@given(st.text())
def test_reading_never_breaks(text: str) -> None:
    """Whatever is written is an address, whose spelling reads back, or refused with a line."""
    try:
        url = read_url(text).url
    except ValueError:
        return
    assert read_url(url).url == url
    assert url.isascii()
    assert not any(sign in url for sign in ' \r\n\t\\@"<>`') or "@" in url.split("/", 3)[3]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Example.com", Place("example.com", 443)),
        ("example.com:8443", Place("example.com", 8443)),
        ("grafana", Place("grafana", 443)),
        ("10.0.0.7:636", Place("10.0.0.7", 636)),
        ("::1", Place("::1", 443)),
        ("[::1]:8443", Place("::1", 8443)),
        ("https://example.com/health", Place("example.com", 443)),
        ("http://example.com/", Place("example.com", 80)),
    ],
)
def test_a_host_is_read_with_its_port(text: str, place: Place) -> None:
    """By name or number, alone or out of a URL."""
    assert read_place(text) == place


@pytest.mark.parametrize(
    "text", ["a/b", "a?b", "", "a b", "a@b", "127.1", "a:b", "a:1:2", "a:99999"]
)
def test_what_is_no_host_is_refused(text: str) -> None:
    """A host has no path in it, and nothing that hides one."""
    with pytest.raises(ValueError, match=r"\w"):
        read_place(text)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b?c", "https://example.com/b?c"),
        ("b", "https://example.com/x/b"),
        ("//evil.io/", "https://evil.io/"),
        ("http://169.254.169.254/latest", "http://169.254.169.254/latest"),
        ("?q", "https://example.com/x/y?q"),
    ],
)
def test_where_an_answer_sends_to(location: str, url: str) -> None:
    """A place in the same site or an address of its own, read as strictly as any."""
    assert joined(read_url("https://example.com/x/y"), location).url == url


@pytest.mark.parametrize(
    "location",
    ["http://2130706433/", "http://a@b/", "file:///etc/passwd", "data:,x", "ht\ttp://x", "\ud800"],
)
def test_an_answer_sends_to_nothing_odd(location: str) -> None:
    """What nobody may ask for is not asked for because a server says so."""
    with pytest.raises(ValueError, match=r"\w"):
        joined(read_url("https://example.com/x/y"), location)


def test_what_is_the_same() -> None:
    """Spellings of the same address have one that stands for all."""
    assert same_url("HTTPS://Example.com:443") == same_url("example.com")
    assert same_url("http://example.com") != same_url("https://example.com")
    assert same_place("Example.com.") == same_place("https://example.com/x") == "example.com"
    assert same_place("example.com:22") == "example.com:22"
    assert same_name("https://example.com:8443/x") == same_name("EXAMPLE.com") == "example.com"


def test_what_config_knows() -> None:
    """Its hosts at their ports, in any path; a query could tell somebody something, and is not."""
    hosts = frozenset({"api.example.com", "10.0.0.7:8443"})
    for url in ("https://api.example.com/a/b", "http://api.example.com/", "https://10.0.0.7:8443/"):
        assert url_within(url, hosts)
    for url in (
        "https://api.example.com/?q=secret",
        "https://api.example.com:22/",
        "https://x.api.example.com/",
        "https://api.example.com.evil.io/",
        "https://10.0.0.7/",
    ):
        assert not url_within(url, hosts)
    assert place_within("api.example.com", hosts)
    assert not place_within("api.example.com:22", hosts)
    assert name_within("10.0.0.7", hosts)
    assert not name_within("leak.api.example.com", hosts)
