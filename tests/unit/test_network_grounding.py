"""Where network tools go: hosts of the catalogue, or what a person typed, whole."""

import pytest
from pydantic import BaseModel, JsonValue

from agents.commands import Grammar
from agents.options import options
from agents.port import CallTool, Pass, Risk, Say, Service, Tool
from agents.tools.help import help_tool
from agents.tools.network.cert import Cert, cert_tool
from agents.tools.network.check import Check, check_tool
from agents.tools.network.dns import Dns, dns_tool
from agents.tools.network.way import Way
from agents.tools.redact import Redactor
from bot.entry import Entry
from bot.grounding import Grounding, ground
from tests.unit.test_grounding import said, tool

PLAIN = Redactor([])
SERVICES = (
    Service(name="api", environments=("prod",), hosts=("api.example.com", "10.0.0.7:8443")),
    Service(name="web", environments=("prod",)),
)


def looked(params: type[BaseModel], value: JsonValue, *story: Entry | str) -> Grounding:
    """What is known of a model's call, after these messages."""
    entries = tuple(said(one) if isinstance(one, str) else one for one in story)
    (option,) = options(params)
    return ground(tool(params, Risk.READ), {option.name: value}, entries, "alice", SERVICES)


def invented(params: type[BaseModel], value: JsonValue, *story: Entry | str) -> bool:
    """Whether nobody who counts wrote it."""
    return looked(params, value, *story).ungrounded != ()


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("is https://x.example.com/health up?", "https://x.example.com/health"),
        ("is https://X.example.com/Health up?", "https://x.example.com/Health"),
        ("(see https://x.example.com/a).", "https://x.example.com/a"),
        ("look: <https://x.example.com/a>", "https://x.example.com/a"),
        ("<https://x.example.com/a|https://x.example.com/a>?", "https://x.example.com/a"),
        ("`https://x.example.com/a`", "https://x.example.com/a"),
        ("why is https://x.example.com/?a=1&amp;b=2 slow", "https://x.example.com/?a=1&b=2"),
        ("check url=https://x.example.com/a please", "https://x.example.com/a"),
        ("does x.example.com answer?", "https://x.example.com/"),
        ("does x.example.com answer?", "x.example.com"),
        ("does bücher.example answer?", "https://xn--bcher-kva.example"),
        ("x.example.com,y.example.com are down", "y.example.com"),
    ],
)
def test_a_url_that_a_person_typed_is_asked(text: str, url: str) -> None:
    """Punctuation around it, and how its host is spelt, make no difference."""
    assert not invented(Check, url, text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("is the site up?", "https://x.example.com/"),
        ("is https://x.example.com/health up?", "https://x.example.com/"),
        ("is https://x.example.com/health up?", "https://x.example.com/other"),
        ("is https://x.example.com/ up?", "https://x.example.com/?leak=secret"),
        ("is https://x.example.com/ up?", "http://x.example.com/"),
        ("is https://x.example.com/ up?", "https://x.example.com:8443/"),
        ("is https://x.example.com/ up?", "https://leak.x.example.com/"),
        ("is https://x.example.com.evil.io/ up?", "https://x.example.com/"),
        ("is https://x.example.com/a/b up?", "https://x.example.com/a"),
        ("https://evil.io/?u=https://x.example.com/", "https://x.example.com/"),
        ("is https://x.example.com/Health up?", "https://x.example.com/health"),
        ("<https://x.example.com/|the page>", "https://x.example.com/"),
        ("> is https://x.example.com/ up?", "https://x.example.com/"),
        ("```\nGET https://x.example.com/\n```", "https://x.example.com/"),
        ("mail bob@x.example.com", "https://x.example.com/"),
        ("is http://169.254.169.254 up", "http://169.254.169.254/latest/meta-data/"),
    ],
)
def test_a_url_that_nobody_typed_is_refused(text: str, url: str) -> None:
    """Not a part of one, nor one with more in it, nor what was only passed on."""
    assert invented(Check, url, text)


def test_hosts_of_the_catalogue_need_nobody() -> None:
    """Config knows them: any path of theirs, but no query that could tell them something."""
    assert not invented(Check, "https://api.example.com/health", "is the api up?")
    assert not invented(Check, "https://10.0.0.7:8443/", "is the api up?")
    assert invented(Check, "https://api.example.com/?q=secret", "is the api up?")
    assert invented(Check, "https://api.example.com:22/", "is the api up?")
    assert not invented(Cert, "api.example.com", "is the api up?")
    assert not invented(Dns, "api.example.com", "is the api up?")
    assert invented(Dns, "secret.api.example.com", "is the api up?")


@pytest.mark.parametrize("params", [Cert, Dns])
def test_hosts_are_typed_too(params: type[BaseModel]) -> None:
    """A name is typed alone, or as the host of a URL that is typed."""
    for text in ("and x.example.com?", "https://x.example.com/a is odd", "name=x.example.com"):
        assert not invented(params, "x.example.com", text)
    for text in ("and y.example.com?", "bob@x.example.com", "and x.example.com.evil.io?"):
        assert invented(params, "x.example.com", text)
    assert invented(params, "leak.x.example.com", "and x.example.com?")


def test_who_typed_it_must_be_allowed_too() -> None:
    """The call has the rights of whoever typed the address as well; a stranger has none."""
    story = (said("see https://x.example.com/", "bob"), said("is it up?"))
    assert looked(Check, "https://x.example.com/", *story).persons == ("alice", "bob")
    story = (said("see https://x.example.com/", "mallory", trust="stranger"), said("is it up?"))
    assert looked(Check, "https://x.example.com/", *story).persons == ("alice", None)


def test_an_odd_value_is_nobodys() -> None:
    """What is no address at all was typed by nobody, whatever was typed."""
    odd: list[JsonValue] = ["http://2130706433/", 7, ["x.example.com"], "http://a@x.example.com/"]
    for value in odd:
        assert invented(Check, value, "http://2130706433/ 7 http://a@x.example.com/")


def network() -> tuple[Tool, ...]:
    """The tools, and help for them."""
    way = Way()
    tools = (check_tool(way, PLAIN), dns_tool((), PLAIN), cert_tool(way, PLAIN))
    return (help_tool(tools), *tools)


@pytest.mark.parametrize(
    ("text", "name", "args"),
    [
        ("check https://x.example.com/a", "check", {"url": "https://x.example.com/a"}),
        ("check url=http://localhost:80/", "check", {"url": "http://localhost:80/"}),
        ("check <https://x.example.com/a>", "check", {"url": "https://x.example.com/a"}),
        ("dns x.example.com", "dns", {"name": "x.example.com"}),
        ("dns name=grafana", "dns", {"name": "grafana"}),
        ("cert x.example.com:8443", "cert", {"host": "x.example.com:8443"}),
    ],
)
def test_they_are_commands(text: str, name: str, args: dict[str, JsonValue]) -> None:
    """What a person types is run as it stands."""
    assert Grammar(network()).read(text) == CallTool(tool=name, args=args)


@pytest.mark.parametrize(
    "text",
    ["check staging", "check it!", "dns broken?", "cert expired", "check the api please"],
)
def test_prose_is_no_command(text: str) -> None:
    """Words that stand where an address would be are not looked up: it was only said."""
    assert Grammar(network()).read(text) == Pass()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("check http://127.1/", "url: write an IPv4 address as four decimal numbers"),
        ("check http://a@b.example/", "url: an address has no user name"),
        ("check url=api", "url: write an address as https://example.com/health"),
        ("cert a/b", "host: that is no host name"),
        ("check", "Missing: url. Usage: `check url=<url>`"),
    ],
)
def test_what_can_not_be_asked_is_said(text: str, told: str) -> None:
    """A mistake is answered with what to mend, before anything is looked up."""
    step = Grammar(network()).read(text)
    assert isinstance(step, Say)
    assert told in step.text


async def test_help_shows_them() -> None:
    """Usage and risk, as of every tool."""
    tools = network()
    told = {f"{one.name}": one for one in tools}
    assert set(told) == {"help", "check", "dns", "cert"}
    assert all(one.risk is Risk.READ and one.idempotent for one in tools)
