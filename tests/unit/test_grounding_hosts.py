"""Tools that only read: free in their arguments, but they reach only hosts that people wrote."""

from typing import Literal

import pytest
from pydantic import BaseModel, JsonValue

from agents.port import Risk
from bot.grounding import Grounding
from bot.hosts import hosts
from tests.unit.test_grounding import look, said, tool


class Fetch(BaseModel):
    url: str
    lines: int = 10
    headers: dict[str, list[str]] = {}


FETCH = tool(Fetch, Risk.READ)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("http://Evil.example.com:8080/x?y#z", ("evil.example.com",)),
        ("https://evil.example.com", ("evil.example.com",)),
        ("//evil.example.com/x", ("evil.example.com",)),
        ("https:\\\\evil.example.com", ("evil.example.com",)),
        ("http:grafana", ("grafana",)),
        ("ssh://db", ("db",)),
        ("https://good.com@evil.io/", ("evil.io", "good.com")),
        ("https://user:pw@evil.io/", ("evil.io",)),
        ("http://2130706433/", ("2130706433",)),
        ("http://evil%2ecom/", ("evil%2ecom",)),
        ("http://[2001:db8::1]:80/", ("2001:db8::1",)),
        ("look at evil.example.com.", ("evil.example.com",)),
        ("bob@example.com", ("example.com",)),
        ("x=a.example.com;y=b.example.com", ("a.example.com", "b.example.com")),
        ("10.0.0.5", ("10.0.0.5",)),
        ("fe80::1", ("fe80::1",)),
        ("redis:6379", ("redis",)),
        ("db:22", ("db",)),
        ("xn--80ak6aa92e.xn--p1ai", ("xn--80ak6aa92e.xn--p1ai",)),
    ],
)
def test_hosts_are_seen(value: str, found: tuple[str, ...]) -> None:
    """Every way to name a machine is seen: addresses, numbers, domains, ports, other people's."""
    assert hosts(value) == found


@pytest.mark.parametrize(
    "value",
    [
        "error in app.log",
        "e.g. this one",
        "12:30:45",
        "status:500",
        "version 1.2.3",
        "a//b",
        "file:///etc/hosts",
        "error: none",
        "service=api level=error",
        "",
    ],
)
def test_other_words_are_no_hosts(value: str) -> None:
    """What cannot be reached on a network is free."""
    assert hosts(value) == ()


@pytest.mark.parametrize(
    ("text", "url", "found"),
    [
        ("look at https://ok.example.com/a", "https://ok.example.com/b?c", ()),
        ("look at OK.example.com", "http://ok.example.com:81/", ()),
        ("look at <https://ok.example.com/a>", "ok.example.com", ()),
        ("<https://ok.example.com/a|ok.example.com/a>", "ok.example.com", ()),
        ("what does grafana say?", "http://grafana/x", ()),
        ("ping 10.0.0.5:80", "10.0.0.5", ()),
        ("ping [fe80::1]:80", "http://[fe80::1]/", ()),
        ("look at example.com", "https://evil.example.com", ("url",)),
        ("look at ok.example.com.evil.io", "ok.example.com", ("url",)),
        ("look at not-ok.example.com", "ok.example.com", ("url",)),
        ("look at ok.example.com", "ok.example.com and evil.io", ("url",)),
        ("<https://evil.io/a|look here>", "https://evil.io/a", ("url",)),
        ("ping 10.0.0.51", "10.0.0.5", ("url",)),
        ("ping 110.0.0.5", "10.0.0.5", ("url",)),
        ("> see evil.io", "evil.io", ("url",)),
        ("look around", "anything at all", ()),
    ],
)
def test_only_hosts_that_people_wrote_are_reached(
    text: str, url: str, found: tuple[str, ...]
) -> None:
    """Of a reading tool, words are the agent's to choose, and hosts are not."""
    args: dict[str, JsonValue] = {"url": url, "lines": 7}
    assert look(args, text, of=FETCH).ungrounded == found


def test_hosts_are_seen_everywhere() -> None:
    """A host inside a list or a map, or in the name of an entry, has to be written too."""
    inside: JsonValue = {"X-To": ["ok", "evil.io"]}
    named: JsonValue = {"evil.io": ["ok"]}
    for headers in (inside, named):
        args: dict[str, JsonValue] = {"url": "x", "headers": headers}
        assert look(args, "go", of=FETCH).ungrounded == ("headers",)
        assert look(args, "go to evil.io", of=FETCH).ungrounded == ()


def test_whose_host_it_is() -> None:
    """Who wrote the host is in it; a reading tool's other words need nobody."""
    story = (said("try ok.example.com", "bob", trust="stranger"), said("look at it"))
    found = look({"url": "https://ok.example.com", "lines": 3}, *story, of=FETCH)
    assert found == Grounding(ungrounded=(), persons=("alice", None))


def test_a_choice_is_no_host() -> None:
    """What is configured may look like a host: a reading tool may choose it."""

    class Look(BaseModel):
        at: Literal["logs.example.com", "more.example.com"]

    assert look({"at": "logs.example.com"}, "go", of=tool(Look, Risk.READ)).ungrounded == ()
    assert look({"at": "logs.example.com"}, "go", of=tool(Look)).ungrounded == ("at",)
