"""Slack, with its real clients: what it refuses, and what is for one person's eyes."""

from dataclasses import replace
from pathlib import Path

import pytest

from channels.port import Address, Outbound, SendFailed
from tests.slack_house import connect_slack, slack_house
from tests.slack_lab import faults

ROWS = "\n".join(f"row {number}" for number in range(400))
THREAD = Address(channel="slack", room="C1", thread="1.2")
WHISPER = Outbound(key="k", address=THREAD, text="see https://evil.example", only="T1/U2")


async def test_a_room_that_is_gone_is_said_in_the_log(tmp_path: Path) -> None:
    """What no waiting mends is given up, with Slack's reason in words."""
    async with slack_house(tmp_path, workers=0) as lab:
        with pytest.raises(SendFailed, match="/invite") as failed:
            await lab.slack.send(
                Outbound(key="k", address=Address(channel="slack", room="C404"), text="x")
            )
        assert not failed.value.transient


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "metadata_too_large"])
async def test_what_slack_will_not_show_is_said_in_plain_words(tmp_path: Path, error: str) -> None:
    """A form that Slack refuses is no reason for silence."""
    async with slack_house(tmp_path) as lab:
        lab.server.faults.then("chat.postMessage", faults.Fault(error=error))
        [answer] = await lab.answers(await lab.asks("look service=api"))
        assert "api is fine" in answer.text
        assert (answer.blocks, answer.metadata) == ([], None)
        assert not answer.unfurls


@pytest.mark.parametrize("error", ["is_archived", "restricted_action", "cannot_reply_to_message"])
async def test_a_room_that_takes_nothing_is_said_to_who_asked(tmp_path: Path, error: str) -> None:
    """In private, with the reason and nothing of the answer."""
    async with slack_house(tmp_path) as lab:
        lab.server.faults.then("chat.postMessage", faults.Fault(error=error))
        await lab.asks("look service=api")
        [told] = await lab.server.posted(lab.server.direct(lab.ann))
        assert "could not answer you in <#C1>" in told.text
        assert error.removeprefix("is_") in told.text
        assert "fine" not in told.text
        assert lab.server.sent(lab.ops) == []


async def test_a_conversation_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    """What may have been sent to it was not: it is sent again, and nothing breaks by the look."""
    async with slack_house(tmp_path) as lab:
        lab.server.faults.then("chat.postMessage", faults.lost_request())
        lab.server.faults.then("conversations.replies", faults.Fault(error="thread_not_found"))
        await lab.answers(await lab.asks("look service=api"))


async def test_a_whisper_that_slack_refuses_comes_with_the_next_try(tmp_path: Path) -> None:
    """Slack says that nobody has seen it, by whichever process tries again."""
    async with slack_house(tmp_path, workers=0) as lab:
        fault = faults.Fault(error="internal_error", status=500)
        lab.server.faults.then("chat.postEphemeral", fault, faults.limited(1))
        for _ in range(2):
            with pytest.raises(SendFailed) as failed:
                await lab.slack.send(WHISPER)
            assert failed.value.transient
        await connect_slack(lab.server, lab.house).send(WHISPER)
        [told] = await lab.told(lab.ben)
        assert told.shown == WHISPER.text


async def test_a_whisper_that_may_have_been_seen_is_not_repeated(tmp_path: Path) -> None:
    """Nobody can look it up."""
    async with slack_house(tmp_path, workers=0) as lab:
        lab.server.faults.then("chat.postEphemeral", faults.lost_response())
        with pytest.raises(SendFailed):
            await lab.slack.send(WHISPER)
        await lab.slack.send(WHISPER)
        assert len(lab.server.sent(lab.ops, only=lab.ben.id)) == 1


async def test_a_long_whisper_is_told_in_a_direct_message(tmp_path: Path) -> None:
    """All of it, with its file; in the room nothing is shown, and again is nothing."""
    async with slack_house(tmp_path, workers=0) as lab:
        for _ in range(2):
            await lab.slack.send(replace(WHISPER, text=f"see:\n```\n{ROWS}\n```"))
        answer, file = lab.server.sent(lab.server.direct(lab.ben))
        assert "see:" in answer.shown
        assert file.files[0]["content"] == ROWS
        assert list(lab.ops.said) == []


async def test_a_whisper_to_who_left_unfurls_nothing(tmp_path: Path) -> None:
    """In a direct message as in the room."""
    async with slack_house(tmp_path, workers=0) as lab:
        lab.ops.members.discard(lab.ben.id)
        await lab.slack.send(WHISPER)
        [told] = lab.server.sent(lab.server.direct(lab.ben))
        assert not told.unfurls
        [call] = lab.server.calls("chat.postMessage")
        said = {str(call[one]).lower() for one in ("unfurl_media", "link_names")}
        assert said <= {"false", "0"}
