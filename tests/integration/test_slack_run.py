"""`watchkeeper run` at a local Slack, as people start it: processes, signals and kills."""

import signal
from pathlib import Path

from tests.house import runs
from tests.slack_lab import Room, Said, SlackServer, slack_server
from tests.slack_process import bots

OPS = "C1"


def room(server: SlackServer) -> Room:
    """Where ann and ben are."""
    return server.room(OPS, server.person("U1"), server.person("U2"), server.person("U3"))


def card(server: SlackServer, ops: Room) -> Said:
    """The message with buttons."""
    return next(one for one in server.sent(ops) if any(b["type"] == "actions" for b in one.blocks))


async def test_run_connects_answers_and_runs_once(tmp_path: Path) -> None:
    """A mention is answered in its thread; who may not is refused in private; who may runs it."""
    async with slack_server() as server, bots(tmp_path, server) as bot:
        ops = room(server)
        await bot.start()
        said = server.person("U1").says(ops, "<@UBOT> look service=api")
        [answer] = await server.posted(ops, thread=said.ts)
        assert "api is fine" in answer.shown
        server.person("U1").says(ops, "<@UBOT> change tag=one")
        await server.posted(ops, 2)
        server.person("U3").clicks(card(server, ops), "approve")
        [refused] = await server.posted(ops, only="U3")
        assert "you may not decide" in refused.shown
        server.person("U2").clicks(card(server, ops), "approve")
        await server.posted(ops, 3)
        assert runs(tmp_path) == ["one"]


async def test_killed_between_click_and_run(tmp_path: Path) -> None:
    """The click is durable: whoever comes next runs it, once, and settles the card."""
    async with slack_server() as server, bots(tmp_path, server) as bot:
        ops = room(server)
        worker = await bot.start()
        server.person("U1").says(ops, "<@UBOT> change tag=one")
        await server.posted(ops)
        asked = card(server, ops)
        await bot.kill(worker)
        intake = await bot.start("--only", "intake")
        await server.acked(server.person("U2").clicks(asked, "approve"))
        await bot.kill(intake)
        assert runs(tmp_path) == []
        await bot.start()
        await server.world.until(lambda: "Approved by ben" in asked.shown, lambda: asked.shown)
        await server.posted(ops, 2)
        assert runs(tmp_path) == ["one"]


async def test_17_sigterm_finishes_what_runs(tmp_path: Path) -> None:
    """The answer to what was taken in goes out, then it ends with 0 and takes nothing more in."""
    async with slack_server() as server, bots(tmp_path, server) as bot:
        ops = room(server)
        child = await bot.start()
        said = server.person("U1").says(ops, "<@UBOT> look service=api")
        await server.acked(server.sockets.deliveries[-1])
        child.send_signal(signal.SIGTERM)
        assert await child.wait() == 0
        [answer] = server.sent(ops, thread=said.ts)
        assert "api is fine" in answer.shown
        assert server.sockets.connections == []


async def test_a_wrong_token_is_one_line_and_2(tmp_path: Path) -> None:
    """It says which, and what to do."""
    async with slack_server() as server, bots(tmp_path, server) as bot:
        bot.env["SLACK_BOT_TOKEN"] = "xoxb-wrong"
        child = await bot.start(connected=False)
        assert await child.wait() == 2
        assert "slack: SLACK_BOT_TOKEN is not valid" in bot.said()
        assert "Traceback" not in bot.said()
        assert "xoxb-wrong" not in bot.said()


async def test_a_slack_out_of_reach_is_waited_for(tmp_path: Path) -> None:
    """It says so once, goes on trying, and connects when it is there."""
    async with slack_server() as server, bots(tmp_path, server) as bot:
        server.faults.down = True
        child = await bot.start(connected=False)
        await server.world.until(lambda: server.faults.refused >= 2, bot.said)
        server.faults.down = False
        assert await bot.line(child) == "slack: connected as @watchkeeper"
        assert bot.said().count("I go on trying") == 1
