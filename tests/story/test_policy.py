"""Policy through the whole house: by where it is said, by whom, and by who is on duty."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import events as e
from bot.approval import Approval
from channels.port import Author
from tests.fakes import FakeChannel
from tests.house import RUNBOOKS, House, open_house, runs

IDS = """
[people.erin]
console = "erin"
slack = "T1/U5"
email = "erin@example.com"
roles = ["operator"]
"""
ROOMS = """
[[policy]]
name = "trusted-room"
tools = ["change"]
rooms = ["slack:T1/U5"]
verdict = "allow"
[[policy]]
name = "no-last-word"
args = { tag = "last" }
verdict = "refuse"
"""
DUTY = """
[runbooks.on-duty]
summary = "Who is on duty"
argv = ["/bin/cat", "FILE"]
risk = "read"
[rotas.duty]
runbook = "on-duty"
fallback = "bob"
[[policy]]
name = "by-duty"
tools = ["change"]
verdict = "approve"
approve = { by = "duty" }
"""


async def decided(house: House, text: str, by: Author) -> e.ToolRequested:
    """What policy said of a call, as it stands in the log."""
    asked = await house.deliver(text, by)
    assert asked is not None
    requested = await house.until(asked, "tool_requested")
    assert isinstance(requested, e.ToolRequested)
    await house.answer(asked)
    return requested


async def test_the_same_call_is_judged_by_where_it_is_said(tmp_path: Path) -> None:
    """In one room it runs at once, in another it needs a yes, and some of it runs nowhere."""
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + IDS + ROOMS) as house:
        house.hire(channels={"slack": FakeChannel()})
        slack = Author(channel="slack", id="T1/U5")
        there = await decided(house, "change tag=one", slack)
        assert (there.verdict, there.rule) == ("allowed", "policy trusted-room allows it")
        assert runs(tmp_path) == ["one"]
        here = await decided(house, "change tag=two", Author(channel="console", id="erin"))
        assert (here.verdict, here.approval) == ("approval", Approval(by="operator"))
        last = await decided(house, "change tag=last", slack)
        assert (last.verdict, last.rule) == ("refused", "policy no-last-word refuses it")
        assert runs(tmp_path) == ["one"]


async def test_a_change_can_not_slip_past_a_rule(tmp_path: Path) -> None:
    """What is approved with other arguments is judged with these."""
    async with open_house(tmp_path, runbooks=RUNBOOKS + IDS + ROOMS) as house:
        asked = await house.tell("change tag=one")
        await house.answer(asked)
        tried = await house.ask(f"approve {asked.thread}-1 tag=last", "bob")
        assert "refused: policy no-last-word refuses it" in tried
        assert f"{asked.thread}-1" in (await house.thread(asked.thread)).requests
        assert runs(tmp_path) == []


async def test_who_is_on_duty_is_whom_the_runbook_names(tmp_path: Path) -> None:
    """By native id or name; another may not, and when the runbook fails the fallback may."""
    file = tmp_path / "duty"
    books = RUNBOOKS + IDS + DUTY.replace("FILE", str(file))
    file.write_text("T1/U5\n")
    async with open_house(tmp_path, runbooks=books) as house:
        asked = await house.tell("change tag=one")
        await house.answer(asked)
        assert "erin may" in await house.ask(f"approve {asked.thread}-1", "bob")
        assert "exit 0" in await house.ask(f"approve {asked.thread}-1", "erin")
        await house.rest()
        file.unlink()
        house.hire()
        asked = await house.tell("change tag=two")
        await house.answer(asked)
        assert "bob may" in await house.ask(f"approve {asked.thread}-2", "erin")
        assert "exit 0" in await house.ask(f"approve {asked.thread}-2", "bob")
        assert runs(tmp_path) == ["one", "two"]


async def test_the_week_decides_who_may_approve(tmp_path: Path) -> None:
    """Of two in a rota, the one whose week it is may; the log keeps what was asked for."""
    week = datetime.now(UTC).date()
    rota = f'[rotas.duty]\npeople = ["bob", "erin"]\nweek_of = {week}\n'
    books = RUNBOOKS.replace('by = "operator" }', 'by = "duty" }') + IDS + rota
    async with open_house(tmp_path, runbooks=books) as house:
        asked = await house.tell("change tag=one")
        await house.answer(asked)
        assert "bob may" in await house.ask(f"approve {asked.thread}-1", "erin")
        assert "exit 0" in await house.ask(f"approve {asked.thread}-1", "bob")


@pytest.mark.parametrize(
    ("may", "counts"), [('["read"]', False), ('["read", "write"]', True), (None, False)]
)
async def test_mail_approves_what_the_settings_let_it(
    tmp_path: Path, may: str | None, counts: bool
) -> None:
    """By default nothing; a yes by mail counts for the risks that are named."""
    mail = f"[email]\nmay_approve = {may}\n" if may else ""
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + IDS + mail) as house:
        house.hire(channels={"email": FakeChannel(name="email")})
        asked = await house.tell("change tag=one")
        await house.answer(asked)
        by = Author(channel="email", id="Erin@example.com")
        given = await house.deliver(f"approve {asked.thread}-1", by)
        assert given is not None
        told = await house.answer(given)
        assert ("exit 0" in told) is counts
        assert ("by mail" in told) is not counts
        assert runs(tmp_path) == (["one"] if counts else [])


@pytest.mark.parametrize(
    "by",
    [
        Author(channel="slack", id="T2/U5"),
        Author(channel="slack", id="T1/U5", bot=True),
        Author(channel="email", id="erin@example.com", authenticated=False),
    ],
)
async def test_who_is_not_surely_erin_decides_nothing(tmp_path: Path, by: Author) -> None:
    """The same user id in another workspace, a bot, a mail that nobody vouches for."""
    chat = RUNBOOKS + IDS + '[email]\nmay_approve = ["write"]\n[access]\nunknown = "chat"\n'
    async with open_house(tmp_path, workers=0, runbooks=chat) as house:
        house.hire(channels={by.channel: FakeChannel(name=by.channel)})
        asked = await house.tell("change tag=one")
        await house.answer(asked)
        await house.deliver(f"approve {asked.thread}-1", by)
        assert "exit 0" in await house.ask(f"approve {asked.thread}-1", "bob")
        log = await house.store.events(asked.thread)
        given = [event.person for event in log if isinstance(event, e.ApprovalGiven)]
        assert given == ["bob"]
