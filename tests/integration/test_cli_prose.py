"""Prose on the command line, with the real SDK and a Messages API on the loopback."""

import asyncio

from tests.cli_house import Cli, Ran
from tests.model_server import ModelServer, error, model_server, step
from tests.steps import call, done, reply, route

KEY = "sk-ant-not-a-real-key-4711"
WORDS = "how is zanzibar doing today, please?"
PROMPT = "You are the first reader"


async def chat(cli: Cli, server: ModelServer, text: str) -> Ran:
    """Pipe these lines, with a key and the server's address in the environment."""
    env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url}
    return await asyncio.to_thread(cli.piped, text, **env)


async def test_prose_is_answered_by_the_model(cli: Cli) -> None:
    """A key in the environment is all it takes; a command beside it needs no model."""
    async with model_server(step(route("responder")), step(reply("Fine, thank you."))) as server:
        ran = await chat(cli, server, f"{WORDS}\nservices\n")
    assert ran.code == 0
    assert "Fine, thank you." in ran.out
    assert "- api: staging, prod" in ran.out
    assert len(server.requests) == 2


async def test_an_action_in_prose_is_asked_for(cli: Cli) -> None:
    """The executor's call goes through policy and is shown to people, with what would run."""
    steps = (route("executor"), call("restart", service="api", env="staging"))
    async with model_server(*map(step, steps)) as server:
        ran = await chat(cli, server, "please restart the api in staging for me\n")
    assert "Approval needed" in ran.out
    assert "/bin/echo 'restarting api in staging'" in ran.out


async def test_a_tool_is_run_for_a_question(cli: Cli) -> None:
    """What was run stands above the answer."""
    steps = (route("retriever"), call("disk"), done("half full"), reply("Half full."))
    async with model_server(*map(step, steps)) as server:
        ran = await chat(cli, server, "how full are the disks of this machine?\n")
    lines = ran.out.splitlines()
    assert lines[0].startswith("disk → /bin/df /: exit 0")
    assert lines[-1] == "Half full."


async def test_with_a_bad_key_commands_go_on(cli: Cli) -> None:
    """The failure is said, the admins' alert is in nobody's way, commands are answered."""
    async with model_server(error(401, "authentication_error", "invalid x-api-key")) as server:
        ran = await chat(cli, server, f"{WORDS}\nservices\n")
    assert ran.code == 0
    assert "401 authentication_error: invalid x-api-key" in ran.out
    assert "- api: staging, prod" in ran.out
    assert len(server.requests) == 1


async def test_no_key_prompt_or_word_is_logged(cli: Cli) -> None:
    """Neither the key, nor what was said, nor what the model was told or said, is in any log."""
    broken = step({"kind": "route", "to": "nobody at all"})
    good = step(reply("Zanzibar is well."))
    async with model_server(error(500, "api_error", WORDS), broken, good) as server:
        ran = await chat(cli, server, f"{WORDS}\n")
    assert "Zanzibar is well." in ran.out
    logs = "".join(path.read_text() for path in cli.data.glob("*.log*"))
    for secret in (KEY, "zanzibar", PROMPT, "nobody at all"):
        assert secret.casefold() not in (logs + ran.err).casefold()
