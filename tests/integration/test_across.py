"""One conversation over several channels: asked in one place, decided in another."""

from pathlib import Path

from bot import wiring
from channels.port import Channel
from tests.discord_house import button, connect_discord
from tests.discord_server import discord_server, pointed_at
from tests.house import RUNBOOKS, open_house, runs
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
                house.hire(channels=channels)
                take = wiring.build_intake(house.settings, house.store).take
                for channel in channels.values():
                    await channel.start(take)
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
                for channel in channels.values():
                    await channel.stop()
                    await channel.close()
