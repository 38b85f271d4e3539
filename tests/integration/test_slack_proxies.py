"""Slack, with its real clients, behind something that answers in its place."""

from pathlib import Path

import pytest

from bot import wiring
from channels.port import Address, CannotConnect, Outbound, SendFailed
from tests.house import open_house
from tests.slack_house import connect_slack, slack_house
from tests.slack_lab import faults, slack_server

PAGES = [
    (status, kind)
    for status in (200, 429, 502, 503)
    for kind in ("text/plain", "text/html", "application/json")
]
"""What a proxy answers: Slack's client reads each kind in another way."""
HELLO = Outbound(key="k", address=Address(channel="slack", room="C1"), text="hello")


@pytest.mark.parametrize(("status", "kind"), PAGES)
async def test_a_proxys_page_is_an_outage(tmp_path: Path, status: int, kind: str) -> None:
    """The message waits, as it does while Slack is away; the next attempt sends it."""
    async with slack_house(tmp_path, workers=0) as lab:
        lab.server.faults.then("chat.postMessage", faults.proxied(status, kind))
        with pytest.raises(SendFailed) as failed:
            await lab.slack.send(HELLO)
        assert failed.value.transient
        await lab.slack.send(HELLO)
        assert [said.shown for said in lab.server.sent(lab.ops)] == ["hello"]


@pytest.mark.parametrize(("status", "kind"), PAGES)
async def test_a_start_waits_for_it(tmp_path: Path, status: int, kind: str) -> None:
    """It is not the settings' fault, whichever call it comes in the place of."""
    async with slack_server() as server, open_house(tmp_path, workers=0) as house:
        take = wiring.build_intake(house.settings, house.store).take
        for method in ("auth.test", "apps.connections.open"):
            server.faults.then(method, faults.proxied(status, kind))
            slack = connect_slack(server, house)
            with pytest.raises(CannotConnect) as failed:
                await slack.start(take)
            assert failed.value.transient


@pytest.mark.parametrize(("status", "kind"), PAGES[::4])
async def test_looking_goes_on_after_it(tmp_path: Path, status: int, kind: str) -> None:
    """What nobody delivers is found all the same, a little later."""
    async with slack_house(tmp_path, sweep=0.1, grace=0.0) as lab:
        await lab.server.connected(2)
        await lab.server.called("conversations.history", 1)
        for connection in lab.server.sockets.connections:
            connection.deaf = True
        lab.server.faults.then("users.conversations", faults.proxied(status, kind))
        lab.server.faults.then("conversations.history", faults.proxied(status, kind))
        await lab.answers(lab.ann.says(lab.ops, "<@UBOT> look service=api"))
        assert not lab.server.faults.script


@pytest.mark.parametrize(
    ("after", "pause"), [("9" * 20, 3600), ("9" * 400, 3600), ("\xb2", 0), ("soon", 0), ("7", 7)]
)
async def test_a_pause_is_believed_for_an_hour(tmp_path: Path, after: str, pause: float) -> None:
    """Nothing waits for ever because of one header, and one that is no number breaks nothing."""
    async with slack_house(tmp_path, workers=0) as lab:
        lab.server.faults.then("chat.postMessage", faults.limited(after))
        with pytest.raises(SendFailed) as failed:
            await lab.slack.send(HELLO)
        assert (failed.value.transient, failed.value.after) == (True, pause)
