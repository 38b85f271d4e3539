"""Checkpoints: what is kept of a long story, what is told shorter, what is left out."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.port import Done
from bot import condensing, context
from bot.condensing import HIGH, KEPT, LEFT_OUT, LOW
from bot.entry import Entry, EntryKind
from bot.thread import Thread
from tests.fakes import START, THREAD
from tests.logs import Log

LINES = "\n".join(f"{number} GET /health 200" for number in range(100))


def entry(seq: int, kind: EntryKind, text: str, by: str = "", ref: str = "") -> Entry:
    """One line of a story."""
    at = START + timedelta(minutes=seq)
    return Entry(seq=seq, kind=kind, text=text, at=at, by=by, ref=ref, trust="machine")


def long_talk(log: Log, turns: int = 30) -> None:
    """Questions, look-ups and answers, more than a story holds."""
    for number in range(turns):
        turn = log.hear(f"question {number}: " + "why " * 80)
        log.look(turn, "logs", LINES)
        log.step(turn, Done(summary=f"finding {number}: " + "much " * 60), "retriever")
        log.say(turn, f"answer {number}: " + "so " * 80)


def condensed(log: Log) -> tuple[Entry, ...]:
    """The story after a checkpoint."""
    assert context.due(log.thread)
    assert log.condense()
    return log.story


def test_a_short_story_is_not_due() -> None:
    """Nothing is condensed before it costs something."""
    log = Log()
    log.say(log.hear("hello"), "hello")
    assert not context.due(log.thread)
    assert not log.condense()


def test_after_a_checkpoint_none_is_due() -> None:
    """It is far below the mark then, and the next one is some way off."""
    log = Log()
    long_talk(log)
    story = condensed(log)
    assert not context.due(log.thread)
    assert condensing.size(story) < LOW + KEPT
    event = log.events[-1]
    assert event.kind == "condensed"
    assert event.upto == event.seq - 1


def test_the_same_story_is_condensed_to_the_same_words() -> None:
    """Whoever does it, and when: a replay meets what was recorded."""
    log, again = Log(), Log()
    long_talk(log)
    long_talk(again)
    assert condensed(log) == condensed(again)


def test_the_first_request_and_the_newest_words_are_kept_whole() -> None:
    """What it is all about, and the last two messages."""
    log = Log()
    first = log.hear("the first request: " + "please " * 100)
    log.say(first, "yes")
    long_talk(log)
    log.say(log.hear("nearly last " + "word " * 100), "yes")
    last = log.hear("last " + "word " * 100)
    log.say(last, "yes")
    whole = {entry.seq: entry for entry in log.story}
    story = condensed(log)
    messages = [entry for entry in story if entry.kind == "message"]
    assert messages[0] == whole[first]
    assert messages[-2:] == [each for each in whole.values() if each.kind == "message"][-2:]
    older = messages[1:-2]
    assert older
    assert all(len(entry.text) < 260 for entry in older)


def test_an_enormous_first_request_is_cut() -> None:
    """To 2,000 characters."""
    log = Log()
    log.say(log.hear("begin " + "x" * 7_000 + " end"), "yes")
    long_talk(log)
    text = condensed(log)[0].text
    assert text.startswith("begin")
    assert text.endswith("end")
    assert len(text) < 2_100


def test_open_requests_and_what_they_are_about_are_kept() -> None:
    """The call, what was said of it, and the request, however old they are."""
    log = Log()
    turn = log.hear("restart api")
    call = log.call(turn, "restart", {"service": "api"}, verdict="approval")
    request = log.ask(call)
    log.reply(turn, "asking")
    about = [entry for entry in log.story if entry.ref in {call, request}]
    long_talk(log)
    story = condensed(log)
    assert len(about) == 2
    assert [entry for entry in story if entry.ref in {call, request}] == about


def test_what_agents_work_on_is_kept() -> None:
    """A checkpoint in the middle of a turn takes nothing from it."""
    log = Log()
    long_talk(log)
    turn = log.hear("and now?")
    log.look(turn, "logs", LINES)
    log.step(turn, Done(summary="it is full"), "retriever")
    own = [entry for entry in log.story if entry.seq >= turn]
    assert len(own) == 4
    assert condensed(log)[-4:] == tuple(own)


def test_errors_that_were_made_good_are_dropped() -> None:
    """A later call of the same tool worked; another tool's error stays."""
    log = Log()
    long_talk(log, 12)
    turn = log.hear("restart it")
    log.fail(good := log.call(turn, "restart"), "no route to host")
    log.fail(bad := log.call(turn, "deploy"), "no space left")
    log.look(turn, "restart", "restarted")
    log.say(turn, "done")
    long_talk(log, 3)
    story = condensed(log)
    kinds = {entry.ref: entry.kind for entry in story}
    assert good not in kinds
    assert kinds[bad] == "failure"


def test_old_results_and_replies_become_one_line() -> None:
    """How it ended, where to read all of it, and the last words."""
    log = Log()
    long_talk(log)
    old = next(entry for entry in condensed(log) if entry.kind == "result")
    assert old.text == f"exit 0, 1.5 s, shortened: result ref={old.ref}\n99 GET /health 200"
    replies = [entry for entry in log.story if entry.kind == "reply"]
    assert all("\n" not in entry.text and len(entry.text) <= 160 for entry in replies)


def test_what_is_left_out_is_said() -> None:
    """How many events, and between which: the rest stays in its order."""
    log = Log()
    long_talk(log)
    before = log.story
    story = condensed(log)
    (note,) = (entry for entry in story if entry.ref == LEFT_OUT)
    gone = sorted({entry.seq for entry in before} - {entry.seq for entry in story if entry != note})
    left = len(before) - len(story) + 1
    assert note.text == f"{left} events left out here, from seq {gone[0]} to {max(gone)}"
    assert [entry.seq for entry in story] == sorted(entry.seq for entry in story)
    assert story.index(note) == 1


def test_checkpoints_add_up() -> None:
    """A later one counts what earlier ones left out, and there is one note of it."""
    log = Log()
    long_talk(log)
    condensed(log)
    told = sum(entry.ref != LEFT_OUT for entry in log.story)
    (first,) = (entry for entry in log.story if entry.ref == LEFT_OUT)
    before = log.thread.version
    long_talk(log, 20)
    told += sum(entry.seq > before for entry in log.story)
    story = condensed(log)
    (note,) = (entry for entry in story if entry.ref == LEFT_OUT)
    counted = [int(re.findall(r"\d+", each.text)[0]) for each in (first, note)]
    assert counted[1] == counted[0] + told - (len(story) - 1)
    assert note.seq == first.seq


def test_so_many_open_requests_that_they_fill_it() -> None:
    """The oldest entries go; below the thread every request still stands."""
    log = Log()
    turn = log.hear("restart everything")
    for number in range(150):
        log.ask(log.call(turn, "restart", {"service": f"s{number}"}, verdict="approval"))
    log.condense()
    assert not context.due(log.thread)
    told = "".join(block.text for block in context.words(log.thread, log.thread.turns[0]))
    assert all(f"<approval id={request} " in told for request in log.thread.requests)
    assert "restart everything" in told


def test_a_flood_of_open_messages_is_cut_not_left_out() -> None:
    """Each of them waits for an answer, so each of them is still there."""
    log = Log()
    turns = [log.hear(f"{number}: " + "words " * 1_300, "mallory") for number in range(30)]
    story = condensed(log)
    assert [entry.seq for entry in story if entry.kind == "message"] == turns
    assert condensing.size(story) <= KEPT


KINDS: tuple[EntryKind, ...] = ("message", "step", "call", "result", "failure", "reply", "note")
entries = st.builds(
    entry,
    seq=st.just(0),
    kind=st.sampled_from(KINDS),
    text=st.builds(lambda words, times: words * times, st.text(max_size=30), st.integers(0, 400)),
    by=st.sampled_from(["alice", "restart", "logs"]),
    ref=st.sampled_from(["", "c1", "c2"]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(entries, max_size=60), st.booleans())
def test_any_story_fits_after_a_checkpoint(made: list[Entry], open_calls: bool) -> None:
    """Whatever it holds: it is short then, in order, and condensing it again changes no more."""
    story = tuple(replace(each, seq=number) for number, each in enumerate(made, start=1))
    log = Log()
    if open_calls:
        turn = log.hear("look")
        log.call(turn, "look")
        log.thread = replace(log.thread, calls={"c1": log.thread.calls["c3"]})
    thread = replace(log.thread, story=story)
    short = condensing.condensed(thread)
    assert condensing.size(short) < LOW + KEPT + 400 < HIGH
    assert [each.seq for each in short] == sorted({each.seq for each in short})
    again = condensing.condensed(replace(thread, story=short))
    assert condensing.size(again) <= condensing.size(short)


def test_condensing_an_empty_story() -> None:
    """There is nothing to it."""
    assert condensing.condensed(Thread(id=THREAD)) == ()


@pytest.mark.parametrize("letters", ["x", "&", "> quoted\n", "```\n", "    code\n"])
def test_the_size_is_about_what_a_model_reads(letters: str) -> None:
    """Never much less, whatever the letters, so that the mark is one."""
    log = Log()
    for _ in range(6):
        log.hear(letters * (7_000 // len(letters)), "mallory")
    told = context.words(log.thread, log.thread.turns[-1])
    shown = sum(len(block.text) for block in told if block.cached)
    assert shown <= condensing.size(log.story) * 1.1
