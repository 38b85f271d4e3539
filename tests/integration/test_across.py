"""One conversation over several channels: asked in one place, decided in another."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import wiring
from channels.port import Channel
from tests.discord_house import button, connect_discord
from tests.discord_server import discord_server, pointed_at
from tests.email_house import BEN, connect_email, post_office
from tests.house import RUNBOOKS, House, open_house, runs
from tests.mail_server import dovecot
from tests.slack_house import connect_slack
from tests.slack_lab import slack_server

PEOPLE = """
[people.ann]
slack = "T1/U1"
[people.ben]
discord = "{ben}"
roles = ["keeper"]
"""
BOOKS = RUNBOOKS.replace('approve = { by = "operator" }', 'approve = { by = "keeper" }')


async def test_asked_in_slack_and_approved_in_discord(tmp_path: Path) -> None:
    """Both servers at once: it runs once, and both messages show who said yes."""
    tokens = "SLACK_BOT_TOKEN=xoxb-test\nSLACK_APP_TOKEN=xapp-test\nDISCORD_BOT_TOKEN=x\n"
    (tmp_path / ".env").write_text(tokens)
    async with slack_server() as slack, discord_server() as discord:
        ann, guest = slack.person("U1"), slack.person("U8", team="T2")
        shared = slack.room("C2", ann, guest, shared=True)
        ben = discord.add_person("ben", discord.guild)
        books = BOOKS + PEOPLE.replace("{ben}", str(ben.id))
        with pointed_at(discord):
            async with open_house(tmp_path, workers=0, runbooks=books) as house:
                channels: dict[str, Channel] = {
                    "slack": connect_slack(slack, house),
                    "discord": connect_discord(discord, house),
                }
                async with connected(house, channels):
                    ann.says(shared, "<@UBOT> change tag=one")
                    [asked] = await slack.posted(shared)
                    talk = discord.world.conversation(ben)
                    [card] = await discord.posted(talk)
                    assert "change tag=one" in card.text
                    discord.click(ben, card, button(card, "approve"))
                    await discord.journal.until(
                        lambda: "Approved by ben" in card.text, lambda: card.text
                    )
                    await slack.world.until(
                        lambda: "Approved by ben" in asked.shown, lambda: asked.shown
                    )
                    await slack.posted(shared, 2)
                    assert runs(tmp_path) == ["one"]
                    await house.rest()


MAIL = f"""
[email]
authserv_id = "mx.ops.example"
may_approve = ["write"]
done = "Done"
[people.ann]
slack = "T1/U1"
[people.ben]
email = "{BEN}"
roles = ["keeper"]
"""


@pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)
async def test_asked_in_slack_and_approved_by_mail(tmp_path: Path) -> None:
    """Who reads only mail is asked there; a reply runs it once, and both places show it."""
    with post_office() as post:
        tokens = {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_APP_TOKEN": "xapp-test", **post.env}
        (tmp_path / ".env").write_text("".join(f"{one}='{to}'\n" for one, to in tokens.items()))
        async with (
            slack_server() as slack,
            open_house(tmp_path, workers=0, runbooks=BOOKS + MAIL) as house,
        ):
            ann = slack.person("U1")
            room = slack.room("C1", ann)
            channels: dict[str, Channel] = {
                "slack": connect_slack(slack, house),
                "email": connect_email(house),
            }
            async with connected(house, channels):
                ann.says(room, "<@UBOT> change tag=one")
                [asked] = await slack.posted(room)
                [card] = await post.got(BEN)
                assert "change tag=one" in card.text
                post.answers(card, BEN, "approve")
                await post.tells(BEN, "Approved by ben")
                await slack.world.until(
                    lambda: "Approved by ben" in asked.shown, lambda: asked.shown
                )
                await slack.posted(room, 2)
                assert runs(tmp_path) == ["one"]
                await house.rest()


@asynccontextmanager
async def connected(house: House, channels: Mapping[str, Channel]) -> AsyncIterator[None]:
    """One worker, and every channel at once."""
    house.hire(channels=channels)
    take = wiring.build_intake(house.settings, house.store).take
    for channel in channels.values():
        await channel.start(take)
    yield
    for channel in channels.values():
        await channel.stop()
        await channel.close()
