"""Requests that config declares: where values go, and what of an answer is shown."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from agents.tools.network.pointer import pointed, unfit
from agents.tools.network.template import body_with, checked, with_values
from agents.tools.network.told import in_short, status

URL = "https://ci.example.com/api/{service}/deploys?by={who}"
PARAMS: Mapping[str, str] = {"service": "service", "who": "text"}


@pytest.mark.parametrize(
    ("service", "who", "url"),
    [
        ("api", "bob", "https://ci.example.com/api/api/deploys?by=bob"),
        ("a/b", "x&y=z", "https://ci.example.com/api/a%2Fb/deploys?by=x%26y%3Dz"),
        ("a?b#c", "ä+ü", "https://ci.example.com/api/a%3Fb%23c/deploys?by=%C3%A4%2B%C3%BC"),
        ("%2e%2e", "%00", "https://ci.example.com/api/%252e%252e/deploys?by=%2500"),
        ("{who}", "{}", "https://ci.example.com/api/%7Bwho%7D/deploys?by=%7B%7D"),
        ("a@evil.io", ":1", "https://ci.example.com/api/a%40evil.io/deploys?by=%3A1"),
    ],
)
def test_a_value_is_one_part_of_the_url(service: str, who: str, url: str) -> None:
    """Whatever a value holds, it stays in its segment or its part of the query."""
    assert with_values(URL, {"service": service, "who": who}).url == url


@pytest.mark.parametrize("value", [".", "..", "a/../b", "..\\x", "x/.", "../../admin"])
def test_a_value_is_no_way_up(value: str) -> None:
    """What a server may take for a folder above is refused, not encoded."""
    with pytest.raises(ValueError, match="service"):
        with_values(URL, {"service": value, "who": "bob"})


def test_values_make_no_way_up_together() -> None:
    """Nor do two values beside each other, or one beside a dot of the template."""
    with pytest.raises(ValueError, match="path"):
        with_values("https://x.example/.{a}/y", {"a": ""})


@pytest.mark.parametrize(
    ("url", "params", "told"),
    [
        ("https://{who}.example.com/", {"who": "text"}, "no {param} in the host"),
        ("{who}/x", {"who": "text"}, "no {param} in the host"),
        ("https://x.example/#{who}", {"who": "text"}, "after #"),
        ("https://x.example/{other}", {}, "'other' is named in braces"),
        ("https://x.example/", {"who": "text"}, "param who is used neither"),
        ("https://u:p@x.example/{who}", {"who": "text"}, "user name or password"),
        ("ftp://x.example/{who}", {"who": "text"}, "only http"),
        ("https://127.1/{who}", {"who": "text"}, "four decimal numbers"),
        ("https://x.example/{", {}, "lone brace"),
        ("https://x.example/{who!r}", {"who": "text"}, "only a param's name"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(
    url: str, params: Mapping[str, str], told: str
) -> None:
    """The host is config's alone, and every param has its place."""
    with pytest.raises(ValueError, match=told):
        checked(url, None, params)


def test_a_body_keeps_its_form() -> None:
    """Values fill texts and never become names, lists or other entries; alone they keep a kind."""
    body: JsonValue = {"text": "deploy {what}!", "n": "{n}", "of": ["{what}", 1, None, True]}
    values: dict[str, JsonValue] = {"what": '", "admin": "yes', "n": 7}
    words = {"what": '", "admin": "yes', "n": "7"}
    assert body_with(body, values, words) == {
        "text": 'deploy ", "admin": "yes!',
        "n": 7,
        "of": ['", "admin": "yes', 1, None, True],
    }
    checked("https://x.example/", body, {"what": "text", "n": "integer"})


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", {"a": [1, {"b/c": "x", "m~n": 2}], "": 3}),
        ("/a/0", 1),
        ("/a/1/b~1c", "x"),
        ("/a/1/m~0n", 2),
        ("/", 3),
    ],
)
def test_a_pointer_names_a_place(pointer: str, value: JsonValue) -> None:
    """As RFC 6901 has it."""
    assert pointed({"a": [1, {"b/c": "x", "m~n": 2}], "": 3}, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/-", "/a/01", "/a/x", "/a/0/x", "//"])
def test_a_place_that_is_not_there_is_named(pointer: str) -> None:
    """What the answer does not hold is said, with the way to it."""
    with pytest.raises(LookupError, match="on the way"):
        pointed({"a": [1, {}], "": 3}, pointer)


@pytest.mark.parametrize("pointer", ["a", "a/b", "/a~2", "/~"])
def test_what_is_no_pointer(pointer: str) -> None:
    """A pointer begins with a slash, and escapes its tildes."""
    assert unfit(pointer)
    assert not unfit("/a/~0~1")
    assert not unfit("")


def test_in_short_is_one_line() -> None:
    """For models: without the fence, cut where it goes on for long."""
    assert in_short("The certificate:\n```\na\n b\n```") == "The certificate: a; b"
    assert len(in_short("x" * 5_000)) == 600


def test_a_status_is_told_in_our_words() -> None:
    """What a server says its status means is not repeated."""
    assert status(404) == "404 Not Found"
    assert status(799) == "799"
