"""What earlier calls gave, from a real log."""

from bot import events as e
from bot.results import Results
from bot.store.redis import RedisStore
from channels.port import Address, Author


async def said(store: RedisStore, room: str, *events: e.Event) -> str:
    """A thread with these events; its id."""
    first = e.MessageReceived(
        by=Author(channel="console", id=room),
        person=room,
        address=Address(channel="console", room=room),
        text="look",
        audience=(f"console:{room}",),
    )
    opened = await store.append([room], first, dedupe="")
    assert opened is not None
    for event in events:
        await store.append_to(opened.thread, event, dedupe="")
    return opened.thread


async def test_the_whole_output_is_still_there(store: RedisStore) -> None:
    """Of calls that went well and of calls that did not, by the id of the call."""
    thread = await said(
        store,
        "alice",
        e.ToolReturned(call_id="c1", text="short", output="all\nof it", brief="s"),
        e.ToolFailed(call_id="c1.2", reason="exit", text="exit 1", output="why"),
        e.ToolReturned(call_id="c12r", text="three services"),
    )
    results = Results(store)
    found = [await results.output(thread, ref) for ref in ("c1", "c1.2", "c12r")]
    assert found == ["all\nof it", "why", "three services"]


async def test_what_has_not_ended_has_no_output(store: RedisStore) -> None:
    """A call that runs, a call that nobody made, a thread that is not there."""
    thread = await said(store, "alice", e.ToolStarted(call_id="c1"))
    results = Results(store)
    assert await results.output(thread, "c1") is None
    assert await results.output(thread, "c2") is None
    assert await results.output("nowhere", "c1") is None


async def test_09_nothing_of_another_thread_is_found(store: RedisStore) -> None:
    """The same id on somebody else's thread is another call."""
    thread = await said(store, "alice")
    await said(store, "bob", e.ToolReturned(call_id="c1", text="secret"))
    assert await Results(store).output(thread, "c1") is None
