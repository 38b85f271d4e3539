"""Slack over signed HTTP requests, with the real slack-bolt behind the process's own server."""

import hashlib
import hmac
import json
import time
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.web import CannotListen, serving
from channels.slack.adapter import PATH
from tests.slack_house import SlackHouse, slack_house
from tests.slack_payloads import click, event

SECRET = "shhh"


async def post(
    address: str, body: str, *, secret: str = SECRET, at: float = 0.0, form: bool = False
) -> tuple[int, str]:
    """Sign as Slack does, and post."""
    stamp = str(int(at or time.time()))
    signed = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signed}",
        "Content-Type": kind,
    }
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"http://{address}{PATH}", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def mention(lab: SlackHouse, text: str) -> str:
    """ann says it, and Slack posts so."""
    ts = lab.server.world.ts()
    return json.dumps(event(text=f"<@UBOT> {text}", ts=ts, event_ts=ts))


async def test_a_signed_event_is_a_message(tmp_path: Path) -> None:
    """Acked with 200 once it is durable, and answered in its thread."""
    async with (
        slack_house(tmp_path, secret=SECRET) as lab,
        serving(("127.0.0.1", 0), {PATH: lab.slack.http}) as address,
    ):
        status, _ = await post(address, mention(lab, "look service=api"))
        assert status == 200
        [answer] = await lab.server.posted(lab.ops)
        assert "api is fine" in answer.shown


async def test_09_what_is_not_signed_by_slack_is_turned_away(tmp_path: Path) -> None:
    """A wrong signature, and a right one that is older than five minutes: neither is a message."""
    async with (
        slack_house(tmp_path, secret=SECRET) as lab,
        serving(("127.0.0.1", 0), {PATH: lab.slack.http}) as address,
    ):
        body = mention(lab, "look service=api")
        assert (await post(address, body, secret="guessed"))[0] == 401
        assert (await post(address, body, at=time.time() - 600))[0] == 401
        assert await lab.house.store.threads(limit=10) == ()


ODD = [
    *("[]", "null", "5", '"x"', "{}", "not json", '{"command": null}'),
    '{"type": "event_callback", "event": []}',
    '{"type": "view_submission", "view": []}',
    '{"type": "block_actions", "user": "U1", "actions": {}}',
    '{"type": "block_actions", "user": {"id": "U1"}, "actions": [null], "channel": {"id": "C1"}}',
]
"""What is no payload of Slack's."""


@pytest.mark.parametrize("form", [False, True])
async def test_what_is_no_payload_breaks_nothing(tmp_path: Path, form: bool) -> None:
    """Signed or not: it is turned away, or it is nothing."""
    async with (
        slack_house(tmp_path, secret=SECRET, workers=0) as lab,
        serving(("127.0.0.1", 0), {PATH: lab.slack.http}) as address,
    ):
        for odd in ODD:
            body = urlencode({"payload": odd}) if form else odd
            assert (await post(address, body, secret="guessed", form=form))[0] in {400, 401}
            assert (await post(address, body, form=form))[0] in {200, 400, 404}, odd
        assert await lab.house.store.threads(limit=10) == ()


async def test_slack_s_challenge_is_answered(tmp_path: Path) -> None:
    """As it is asked when the address is put into the app's settings."""
    async with (
        slack_house(tmp_path, secret=SECRET) as lab,
        serving(("127.0.0.1", 0), {PATH: lab.slack.http}) as address,
    ):
        challenge = json.dumps({"type": "url_verification", "challenge": "c1"})
        status, text = await post(address, challenge)
        assert status == 200
        assert "c1" in text


async def test_a_click_is_posted_as_a_form(tmp_path: Path) -> None:
    """And counts as one over a socket does."""
    async with (
        slack_house(tmp_path, secret=SECRET) as lab,
        serving(("127.0.0.1", 0), {PATH: lab.slack.http}) as address,
    ):
        card = await lab.card(await lab.asks("change tag=one"))
        request = next(word.strip("`,") for word in card.shown.split() if "-1" in word)
        payload = urlencode({"payload": json.dumps(click("approve", request))})
        assert (await post(address, payload, form=True))[0] == 200
        await lab.settled(card, "Approved by ben")


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """With the address, and what is in the way."""
    async with serving(("127.0.0.1", 0), {}) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(CannotListen, match=str(port)):
            async with serving(("127.0.0.1", port), {}):
                pass
