"""`watchkeeper run` at a local Discord, as people start it: processes, signals and kills."""

import signal
from pathlib import Path

from tests.discord_process import bots
from tests.discord_server import Channel, DiscordServer, Message, discord_server
from tests.house import runs


def card(server: DiscordServer, thread: Channel) -> Message:
    """The message with buttons."""
    return next(one for one in server.sent(thread) if one.buttons)


def named(message: Message, verb: str) -> str:
    """The button of that kind."""
    return next(one for one in message.buttons if one.startswith(f"wk:{verb}:"))


async def test_run_connects_answers_and_runs_once(tmp_path: Path) -> None:
    """A mention opens a thread with the answer; who may not is refused in private; who may runs."""
    async with discord_server() as server:
        ann, ben, cas = (server.add_person(name) for name in ("ann", "ben", "cas"))
        async with bots(tmp_path, server, ann, ben, cas) as bot:
            await bot.start()
            said = server.say(ann, server.channel, f"{server.bot.mention} look service=api")
            thread = await server.threaded(said)
            [answer] = await server.posted(thread)
            assert "api is fine" in answer.text
            server.say(ann, thread, "change tag=one")
            await server.posted(thread, 2)
            asked = card(server, thread)
            refused = await server.click(cas, asked, named(asked, "approve")).replied()
            assert "you may not decide" in refused.text
            assert refused.is_ephemeral
            server.click(ben, asked, named(asked, "approve"))
            await server.posted(thread, 3)
            assert runs(tmp_path) == ["one"]
            assert "Approved by ben" in (await server.edited(asked)).text


async def test_the_old_button_works_after_a_kill(tmp_path: Path) -> None:
    """kill -9, a new process, weeks-old tokens: the card is what it was, and runs once."""
    async with discord_server() as server:
        ann, ben, cas = (server.add_person(name) for name in ("ann", "ben", "cas"))
        async with bots(tmp_path, server, ann, ben, cas) as bot:
            child = await bot.start()
            said = server.say(ann, server.channel, f"{server.bot.mention} change tag=one")
            thread = await server.threaded(said)
            await server.posted(thread)
            asked = card(server, thread)
            await bot.kill(child)
            await bot.start()
            server.click(ben, asked, named(asked, "approve"))
            await server.posted(thread, 2)
            assert runs(tmp_path) == ["one"]


async def test_17_sigterm_finishes_what_runs(tmp_path: Path) -> None:
    """The answer to what was taken in goes out, then it ends with 0."""
    async with discord_server() as server:
        ann, ben, cas = (server.add_person(name) for name in ("ann", "ben", "cas"))
        async with bots(tmp_path, server, ann, ben, cas) as bot:
            child = await bot.start()
            said = server.say(ann, server.channel, f"{server.bot.mention} look service=api")
            thread = await server.threaded(said)
            child.send_signal(signal.SIGTERM)
            assert await child.wait() == 0
            [answer] = server.sent(thread)
            assert "api is fine" in answer.text


async def test_a_wrong_token_is_one_line_and_2(tmp_path: Path) -> None:
    """It says which, and what to do."""
    async with discord_server() as server:
        ann, ben, cas = (server.add_person(name) for name in ("ann", "ben", "cas"))
        async with bots(tmp_path, server, ann, ben, cas) as bot:
            bot.env["DISCORD_BOT_TOKEN"] = "no-such-token"
            child = await bot.start(connected=False)
            assert await child.wait() == 2
            assert "discord: DISCORD_BOT_TOKEN is not valid" in bot.said()
            assert "Traceback" not in bot.said()
            assert "no-such-token" not in bot.said()
