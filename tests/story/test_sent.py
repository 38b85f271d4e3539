"""What a model was asked is written again from the log, byte for byte, as long as anything is."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from agents.anthropic_model import connect
from agents.mind import Mind
from bot import toolbox, wiring
from bot.requests_again import Unasked, compare
from bot.sent import Sent, Unknown, asked, written_again
from bot.settings import Settings
from prompts.library import load, read_prompt
from tests.house import House, open_house, settings_in
from tests.model_server import ModelServer, Scripted, error, message, model_server, step, text, use
from tests.steps import Step, ask, call, done, reply, route

KEY = "sk-ant-test-0123456789"
PROMPTS = Path(__file__).parents[2] / "prompts"
NO_FORMAT = error(400, "invalid_request_error", "'m' does not support output format.")
PASTE = "2026-01-05 08:41:07 ERROR api: pool exhausted, 50 of 50 connections in use\n"


@asynccontextmanager
async def served(folder: Path, *script: Scripted) -> AsyncIterator[tuple[House, ModelServer]]:
    """A house whose model is the real one, at a server with this script."""
    async with model_server(*script) as server, open_house(folder, workers=0) as house:
        model = connect(KEY, server.url)
        house.hire(model=model)
        yield house, server
        await house.rest()
        await model.close()


async def sent_of(house: House, thread: str) -> Sequence[Sent | Unknown]:
    """Every request of the thread, written again."""
    events = await house.store.events(thread)
    return await written_again(house.store, thread, events, asked(events))


def bodies(found: Sequence[Sent | Unknown]) -> list[bytes]:
    """The bodies; every request must have been found."""
    assert all(isinstance(one, Sent) for one in found), found
    return [one.body for one in found if isinstance(one, Sent)]


def minds(house: House, **changed: str) -> dict[str, Mind]:
    """The agents of today; NAME=text gives one another prompt."""
    return minds_of(house.settings, house, **changed)


def minds_of(settings: Settings, house: House, **changed: str) -> dict[str, Mind]:
    """The same, with other settings."""
    texts = {name: load(name) for name in ("classifier", "retriever", "executor", "responder")}
    texts |= {name: read_prompt(told.encode(), name) for name, told in changed.items()}
    tools, books = toolbox.build_tools(settings, house.store), house.store.books(settings.limits)
    keep = house.store.keep
    return dict(wiring.build_team(settings, tools, Unasked(), books, keep, texts=texts))


def called(value: Step) -> Scripted:
    """The step as the input of a tool."""
    return message([use("step", {"step": value})], stop_reason="tool_use")


LOOKED_UP = (
    step(route("retriever")),
    message([text('{"step": {"kind": "call"')], stop_reason="max_tokens"),
    step(call("look", service="api")),
    step(done("the api is fine")),
    step(reply("»All is well.« 😀 \u2028")),
)


async def test_a_request_is_written_again_byte_for_byte(tmp_path: Path) -> None:
    """Of every step of a turn, with feedback on a bad answer, and of the turn after it."""
    async with served(tmp_path, *LOOKED_UP, step(reply("No."))) as (house, server):
        told = await house.tell("»how is the api?« </thread> 😀 `x` \u2028 & then?")
        await house.answer(told)
        await house.ask("was that all there is to it?")
        again = bodies(await sent_of(house, told.thread))
        assert again == [received.body for received in server.requests]
    assert len(again) == 6
    assert b"cut off at 2048 tokens" in again[2]


async def test_a_request_that_was_made_in_another_way_is_found(tmp_path: Path) -> None:
    """Where a model takes no format, the bytes are those of the request that it took."""
    script = (NO_FORMAT, called(route("responder")), called(reply("Fine.")))
    async with served(tmp_path, *script) as (house, server):
        told = await house.tell("is everything all right over there?")
        await house.answer(told)
        found = await sent_of(house, told.thread)
        assert bodies(found) == [received.body for received in server.requests[1:]]
    assert [one.way for one in found if isinstance(one, Sent)] == ["strict", "strict"]


async def test_requests_are_found_on_both_sides_of_a_checkpoint(tmp_path: Path) -> None:
    """A long thread is told shorter from some step on: each request is as it was then."""
    script = [step(reply(f"I see {number}.")) for number in range(5)]
    async with served(tmp_path, *script) as (house, server):
        for number in range(5):
            told = await house.tell(f"what is that, number {number}?\n{PASTE * 90}")
            await house.answer(told)
        assert "condensed" in await house.kinds(told.thread)
        found = await sent_of(house, told.thread)
        assert bodies(found) == [received.body for received in server.requests]


async def test_what_was_not_answered_has_no_request(tmp_path: Path) -> None:
    """An attempt that failed is told with its reason; the next one is found."""
    async with served(tmp_path, error(529, "overloaded_error"), step(reply("Hello."))) as (
        house,
        server,
    ):
        told = await house.tell("hello there, how are you today?")
        await house.answer(told)
        failed, answered = await sent_of(house, told.thread)
        assert isinstance(failed, Unknown)
        assert "transient: 529 overloaded_error" in failed.why
        assert bodies([answered]) == [server.requests[1].body]
        assert compare(failed, minds(house)).same


async def test_what_another_version_wrote_is_said_to_be_unknown(tmp_path: Path) -> None:
    """A hash that nothing comes to, and a head that is not kept: neither is guessed at."""
    async with served(tmp_path, step(reply("Hello."))) as (house, _):
        told = await house.tell("hello there, how are you today?")
        await house.answer(told)
        events = await house.store.events(told.thread)
        (only,) = asked(events)
        strange = (replace(only, request_sha256="0" * 64), replace(only, head="0" * 64))
        found = await written_again(house.store, told.thread, events, strange)
    whys = [one.why for one in found if isinstance(one, Unknown)]
    assert len(whys) == 2
    assert "another version of the bot wrote it" in whys[0]
    assert "the store does not hold its head" in whys[1]


# --- held against today --------------------------------------------------------------------------


async def test_right_after_it_every_request_would_be_the_same(tmp_path: Path) -> None:
    """With the same prompts, tools and settings nothing differs."""
    async with served(tmp_path, *LOOKED_UP) as (house, _):
        told = await house.tell("how is the api doing today?")
        await house.answer(told)
        found = await sent_of(house, told.thread)
        assert [compare(one, minds(house)).told for one in found] == [""] * 5


async def test_one_changed_word_names_the_steps_that_differ(tmp_path: Path) -> None:
    """The prompt, its hashes, the line and the words; steps of other agents are the same."""
    data = (PROMPTS / "responder.md").read_text()
    changed = data.replace("The answer first", "The outcome first")
    assert changed != data
    async with served(tmp_path, *LOOKED_UP) as (house, _):
        told = await house.tell("how is the api doing today?")
        await house.answer(told)
        found = await sent_of(house, told.thread)
        compared = [compare(one, minds(house, responder=changed)) for one in found]
    (differs,) = [one for one in compared if not one.same]
    assert differs.step.agent == "responder"
    version = load("responder").version
    assert differs.told.startswith(
        f"the request differs: prompt responder {version}"
        f" (sha256 {load('responder').sha256[:12]}…) -> {version} (sha256 "
    )
    assert 'first difference in system at line 13: "- The answer first' in differs.told
    assert '-> "- The outcome first' in differs.told


async def test_another_tool_and_another_model_are_named(tmp_path: Path) -> None:
    """What changed in the settings is said, also where the prompt is the very same file."""
    async with served(tmp_path, step(ask("Which?"))) as (house, _):
        told = await house.tell("how is it doing today, please?")
        await house.answer(told)
        (found,) = await sent_of(house, told.thread)
        other = settings_in(tmp_path, runbooks=MORE)
        dearer = replace(house.settings, models={"classifier": "claude-opus-5-5"})
        told_of = [compare(found, minds_of(settings, house)).told for settings in (other, dearer)]
    assert told_of[0].startswith("the request differs: first difference in system at line ")
    assert told_of[1] == (
        "the request differs: first difference in model: claude-haiku-5-5 -> claude-opus-5-5"
    )


MORE = """
[runbooks.more]
summary = "Another one"
argv = ["/bin/echo"]
risk = "read"
"""


async def test_an_agent_that_is_gone_is_named(tmp_path: Path) -> None:
    """Old threads may be of agents that a newer version does not have."""
    async with served(tmp_path, step(reply("Hello."))) as (house, _):
        told = await house.tell("hello there, how are you today?")
        await house.answer(told)
        (found,) = await sent_of(house, told.thread)
    assert compare(found, {}).told == "there is no agent classifier any more"
