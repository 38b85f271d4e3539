"""Slack, with its real clients: what goes out. The numbers are those of what is promised."""

from dataclasses import replace
from pathlib import Path

import pytest

from channels.port import Address, Outbound, SendFailed
from channels.slack import api
from tests.fake_model import FakeModel
from tests.slack_house import connect_slack, slack_house
from tests.slack_lab import faults
from tests.steps import reply

ROWS = "\n".join(f"row {number}" for number in range(400))
LONG = reply(f"These are the rows:\n```\n{ROWS}\n```")
THREAD = Address(channel="slack", room="C1", thread="1.2")
PROSE = "which rows are there in it today?"


async def test_15_a_429_is_waited_out(tmp_path: Path) -> None:
    """As long as Slack asks for, and what came after it comes after it."""
    async with slack_house(tmp_path) as lab:
        lab.server.faults.then("chat.postMessage", faults.limited(1), faults.limited(1))
        said = await lab.asks("look service=api")
        lab.ann.says(lab.ops, "look service=web", thread=said.ts)
        answers = [one.shown for one in await lab.answers(said, 2)]
        assert "api is fine" in answers[0]
        assert "web is fine" in answers[1]


async def test_15_slack_says_how_long(tmp_path: Path) -> None:
    """The pause is the one that was asked for; nothing was sent, so it is not looked for."""
    async with slack_house(tmp_path, workers=0) as lab:
        lab.server.faults.then("chat.postMessage", faults.limited(7))
        message = Outbound(key="k", address=Address(channel="slack", room="C1"), text="x")
        with pytest.raises(SendFailed) as failed:
            await lab.slack.send(message)
        assert (failed.value.transient, failed.value.after) == (True, 7)
        await connect_slack(lab.server, lab.house).send(message)
        assert len(lab.server.sent(lab.ops)) == 1
        looked = lab.server.calls("conversations.history")
        assert not any("include_all_metadata" in call for call in looked)


async def test_15_a_429_holds_for_all_of_its_room(tmp_path: Path) -> None:
    """Another conversation there does not ask meanwhile; another room is not concerned."""
    async with slack_house(tmp_path, workers=0) as lab:
        other = lab.server.room("C2", lab.ann)
        lab.server.faults.then("chat.postMessage", faults.limited(5))
        for thread in ("1.2", "1.3", ""):
            address = Address(channel="slack", room="C1", thread=thread)
            with pytest.raises(SendFailed) as failed:
                await lab.slack.send(Outbound(key=f"k{thread}", address=address, text="x"))
            assert failed.value.transient
            assert 4 < failed.value.after <= 5
        assert lab.server.faults.script == []
        assert lab.server.calls("chat.postMessage") == []
        address = Address(channel="slack", room=other.id)
        await lab.slack.send(Outbound(key="other", address=address, text="x"))
        assert len(lab.server.sent(other)) == 1


@pytest.mark.parametrize("after", ["9" * 20, "9" * 400])
async def test_15_a_pause_without_end_is_an_hour(tmp_path: Path, after: str) -> None:
    """Whatever Slack asks for, it is asked again the same day."""
    async with slack_house(tmp_path, workers=0) as lab:
        fault = faults.Fault(error="ratelimited", status=429, after=after)
        lab.server.faults.then("chat.postMessage", fault)
        with pytest.raises(SendFailed) as failed:
            await lab.slack.send(Outbound(key="k", address=THREAD, text="x"))
        assert (failed.value.transient, failed.value.after) == (True, 3600)


@pytest.mark.parametrize("fault", [faults.lost_response(), faults.lost_request()])
async def test_16_a_lost_answer_is_one_message(tmp_path: Path, fault: faults.Fault) -> None:
    """Whether or not Slack has it by then."""
    async with slack_house(tmp_path) as lab:
        lab.server.faults.then("chat.postMessage", fault)
        said = await lab.asks("look service=api")
        await lab.answers(said)
        await lab.happened("turn_ended")
        assert len(lab.server.sent(lab.ops)) == 1


@pytest.mark.parametrize("thread", ["", "1.2"])
async def test_16_a_message_is_found_without_its_metadata(tmp_path: Path, thread: str) -> None:
    """Where Slack keeps it from the app, by the name of its first block."""
    async with slack_house(tmp_path, workers=0) as lab:
        lab.server.api.tells_metadata = False
        lab.server.faults.then("chat.postMessage", faults.lost_response())
        root = lab.ann.says(lab.ops, "hi").ts if thread else ""
        message = Outbound(key="k", address=replace(THREAD, thread=root), text="x")
        with pytest.raises(SendFailed):
            await lab.slack.send(message)
        await lab.slack.send(message)
        assert len(lab.server.sent(lab.ops)) == 1


async def test_16_a_lost_answer_to_a_file_is_one_file(tmp_path: Path) -> None:
    """It is found by its name."""
    async with slack_house(tmp_path, model=FakeModel(LONG)) as lab:
        lab.server.faults.then("files.completeUploadExternal", faults.lost_response())
        await lab.asks(PROSE)
        await lab.happened("turn_ended")
        assert len([one for one in lab.server.sent(lab.ops) if one.files]) == 1


async def test_18_long_code_is_a_file(tmp_path: Path) -> None:
    """All of it, below the answer that names it, in the same thread."""
    async with slack_house(tmp_path, model=FakeModel(LONG)) as lab:
        said = await lab.asks(PROSE)
        answer, file = await lab.answers(said, 2)
        assert "These are the rows" in answer.shown
        assert file.files[0]["name"] in answer.shown
        assert file.files[0]["content"] == ROWS


async def test_19_a_model_pings_nobody(tmp_path: Path) -> None:
    """Nor unfurls what it names, nor hides where a link leads."""
    words = "<!channel> <@U2> @here [mine](https://evil.example) `<!here>`"
    async with slack_house(tmp_path, model=FakeModel(reply(words))) as lab:
        said = await lab.asks("how is it going today?")
        [answer] = await lab.answers(said)
        for raw in (answer.text, str(answer.blocks)):
            assert not [mark for mark in ("<!", "<@", "](") if mark in raw]
        assert not answer.unfurls
        assert lab.server.calls("chat.postMessage")[0].get("parse") is None


async def test_20_a_status_is_shown_and_cleared(tmp_path: Path) -> None:
    """While it works, with what it is at, before the answer; cleared at the end."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("look service=api")
        await lab.answers(said)
        await lab.house.rest()
        shown = [call["status"] for call in lab.server.calls("assistant.threads.setStatus")]
        assert shown[0].startswith("is ")
        assert any("running look" in one for one in shown)
        assert shown[-1] == ""
        called = [name for name, _ in lab.server.world.calls]
        assert called.index("assistant.threads.setStatus") < called.index("chat.postMessage")
        sessions = [call["status"] for call in lab.server.calls("agents.sessions.setStatus")]
        assert (sessions[0], sessions[-1]) == ("processing", "active")


async def test_20_an_app_without_sessions_is_asked_once(tmp_path: Path) -> None:
    """What the app does not have is not tried again, and holds nothing up."""
    async with slack_house(tmp_path) as lab:
        lab.server.api.lacking |= {"agents.sessions.setStatus"}
        for service in ("api", "web"):
            await lab.answers(await lab.asks(f"look service={service}"))
        await lab.house.rest()
        assert len(lab.server.calls("agents.sessions.setStatus")) <= 1
        assert lab.server.calls("assistant.threads.setStatus")[-1]["status"] == ""


@pytest.mark.parametrize("method", ["agents.sessions.setStatus", "assistant.threads.setStatus"])
@pytest.mark.parametrize(
    "fault",
    [faults.lost_request(), faults.limited(0.1), faults.Fault(error="internal_error", status=500)],
)
async def test_20_a_status_is_cleared_though_a_call_fails(
    tmp_path: Path, method: str, fault: faults.Fault
) -> None:
    """Nothing else would ever take it away; the other sign goes all the same."""
    async with slack_house(tmp_path, workers=0) as lab:
        await lab.slack.busy(THREAD, "running look")
        lab.server.faults.then(method, fault, fault)
        await lab.slack.busy(THREAD, "")
        assert lab.server.calls("assistant.threads.setStatus")[-1]["status"] == ""
        assert lab.server.calls("agents.sessions.setStatus")[-1]["status"] == "active"


async def test_20_a_status_of_a_process_that_is_gone_is_cleared(tmp_path: Path) -> None:
    """By whichever goes on with the work."""
    async with slack_house(tmp_path, workers=0) as lab:
        await lab.slack.busy(THREAD, "running look")
        await connect_slack(lab.server, lab.house).busy(THREAD, "")
        assert lab.server.calls("agents.sessions.setStatus")[-1]["status"] == "active"


async def test_20_a_session_that_was_not_taken_is_begun_with_the_next_sign(tmp_path: Path) -> None:
    """It counts as begun once Slack has it."""
    async with slack_house(tmp_path, workers=0) as lab:
        lab.server.faults.then("agents.sessions.setStatus", faults.lost_request())
        with pytest.raises(api.UNREACHABLE):
            await lab.slack.busy(THREAD, "thinking")
        await lab.slack.busy(THREAD, "running look")
        assert [c["status"] for c in lab.server.calls("agents.sessions.setStatus")] == [
            "processing"
        ]


@pytest.mark.parametrize("how", ["word", "button"])
async def test_21_stop_ends_the_run(tmp_path: Path, how: str) -> None:
    """The word in the thread, and Slack's own button."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("bump tag=sleep"))
        lab.ben.clicks(card, "approve")
        await lab.happened("tool_started")
        if how == "word":
            lab.ann.says(lab.ops, "stop", thread=card.thread)
        else:
            lab.ann.stops(lab.ops, card.thread)
        await lab.happened("tool_failed")
        await lab.house.rest()
        told = " ".join(one.shown for one in lab.server.sent(lab.ops))
        assert "cancelled by ann after" in told


async def test_somebody_is_told_in_a_direct_message(tmp_path: Path) -> None:
    """An address may be a person."""
    async with slack_house(tmp_path, workers=0) as lab:
        address = Address(channel="slack", room="T1/U2")
        await lab.slack.send(Outbound(key="k", address=address, text="psst"))
        [told] = lab.server.sent(lab.server.direct(lab.ben))
        assert told.shown == "psst"


async def test_what_is_said_below_the_answer_to_a_command_is_heard(tmp_path: Path) -> None:
    """Without a mention, and though the answer's name in Slack was lost at first."""
    async with slack_house(tmp_path) as lab:
        lab.server.faults.then("chat.postMessage", faults.lost_response())
        lab.ann.commands(lab.ops, "look service=api")
        [answer] = await lab.server.posted(lab.ops)
        await lab.happened("reply_delivered")
        lab.ann.says(lab.ops, "look service=web", thread=answer.ts)
        [below] = await lab.server.posted(lab.ops, thread=answer.ts)
        assert "web is fine" in below.shown
        assert len(await lab.house.store.threads(limit=10)) == 1
