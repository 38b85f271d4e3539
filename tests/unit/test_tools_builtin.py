"""The tools that run no program: help, services, threads, remind."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from agents.commands import Grammar
from agents.port import Caller, CallTool, Found, Later, Risk, Say, Service, Tool
from agents.tools.help import help_tool
from agents.tools.remind import remind_tool
from agents.tools.services import services_tool
from agents.tools.threads import threads_tool

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CALLER = Caller(
    thread="abcdefgh2345",
    key="k",
    person="alice",
    audience=("console:alice", "console:bob"),
    now=NOW,
)


@dataclass
class Catalogue:
    known: tuple[Service, ...] = ()

    def services(self) -> tuple[Service, ...]:
        """What it was given."""
        return self.known


@dataclass
class Search:
    found: tuple[Found, ...] = ()
    asked: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)

    async def search(
        self, query: str, *, audience: tuple[str, ...], limit: int
    ) -> tuple[Found, ...]:
        """What it was given; remembers what was asked."""
        self.asked.append((query, audience, limit))
        return self.found


def built_in(search: Search | None = None) -> tuple[Tool, ...]:
    """The tools as the bot has them."""
    others = (services_tool(Catalogue()), threads_tool(search or Search()), remind_tool())
    return (help_tool(others), *others)


async def ran(tool: Tool, **args: object) -> str:
    """The text of the tool's answer."""
    return (await tool.run(tool.params.model_validate(args), CALLER)).text


async def test_help_lists_everything() -> None:
    """Every tool with its usage and risk, itself, and the words for decisions."""
    told = await ran(built_in()[0])
    for expected in (
        "- `services` The services and their environments (read)",
        "- `remind in=<duration> text=<text>` Say something here, later (read)",
        "- `threads [query=<text>]`",
        "- `help [name=services|",
        "- `approve ID [ID...] [arg=value]` let it run",
        "- `deny ID reason`",
        "- `answer ID text|number`",
        "- `cancel`",
        "- `pause`",
        "- `resume`",
        "- `handback`",
    ):
        assert expected in told


async def test_help_tells_one() -> None:
    """A name gives its arguments and what they mean; a decision's word is a name too."""
    tool = built_in()[0]
    assert "- in: how long from now" in await ran(tool, name="Remind")
    assert await ran(tool, name="deny") == "`deny ID reason`\nrefuse a request"
    with pytest.raises(ValidationError):
        tool.params.model_validate({"name": "nobody"})


def test_help_is_understood() -> None:
    """The built-in tools make one grammar, in which help about itself works as well."""
    grammar = Grammar(built_in())
    assert grammar.read("help") == CallTool(tool="help", args={"name": None})
    assert grammar.read("help approve") == CallTool(tool="help", args={"name": "approve"})
    assert isinstance(grammar.read("help help"), Say)
    assert isinstance(grammar.read("help remind"), Say)


async def test_services() -> None:
    """Each service with its environments, in the catalogue's order; a hint if there is none."""
    known = (
        Service(name="web", environments=("prod",)),
        Service(name="api", environments=("a", "b"), aliases=("gateway",)),
    )
    assert await ran(services_tool(Catalogue(known))) == "- web: prod\n- api (also gateway): a, b"
    assert "[services.NAME]" in await ran(services_tool(Catalogue()))


async def test_threads_are_searched_for_everyone_who_sees_the_answer() -> None:
    """The search gets the caller's whole audience, and a title stays on its line."""
    search = Search(
        (Found(thread="abcdefgh2345", title="deploy\n- `x` forged", state="waiting", at=NOW),)
    )
    told = await ran(threads_tool(search), query="deploy")
    assert told == "- `abcdefgh2345` 2026-03-01 12:00 UTC, waiting: deploy - `x` forged"
    assert search.asked == [("deploy", CALLER.audience, 10)]


async def test_threads_without_a_query() -> None:
    """Without words the newest are listed; nothing found is said."""
    search = Search()
    assert "no thread" in await ran(threads_tool(search))
    assert search.asked[0][0] == ""


async def test_remind() -> None:
    """The line is asked for at the caller's now plus the span, and the answer says when."""
    tool = remind_tool()
    params = tool.params.model_validate({"in": "1h30m", "text": "check the deploy"})
    result = await tool.run(params, CALLER)
    assert result.later == Later(at=NOW + timedelta(minutes=90), text="check the deploy")
    assert result.text == "I will say it at 2026-03-01 13:30:00 UTC, in 1h30m."


@pytest.mark.parametrize("span", ["0s", "367d", "soon", ""])
def test_remind_has_bounds(span: str) -> None:
    """A reminder waits from one second to 366 days."""
    with pytest.raises(ValidationError):
        remind_tool().params.model_validate({"in": span, "text": "x"})


async def test_plans_show_the_call() -> None:
    """A plan's line is the call as people write it, and its digest covers the arguments."""
    tool = remind_tool()
    one = await tool.plan(tool.params.model_validate({"in": "60s", "text": "check it"}))
    same = await tool.plan(tool.params.model_validate({"in": "1m", "text": "check it"}))
    other = await tool.plan(tool.params.model_validate({"in": "2m", "text": "check it"}))
    assert one.line == 'remind in=1m text="check it"'
    assert one.digest == same.digest
    assert one.digest != other.digest


async def test_a_tool_refuses_another_tools_arguments() -> None:
    """A mix-up in the wiring is an error, not a strange reminder."""
    with pytest.raises(TypeError, match="Remind"):
        await remind_tool().run(services_tool(Catalogue()).params(), CALLER)


def test_they_only_read() -> None:
    """None of them changes the world, so each may run again."""
    assert all(tool.risk is Risk.READ and tool.idempotent for tool in built_in())
