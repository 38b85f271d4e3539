"""What the story tells of each event: once, in short, and with whose words it holds."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.port import AskPerson, Done, HandOver, Later, Risk, Route, Say
from bot import events as e
from bot import markup
from bot.entry import Entry
from bot.folding import story
from bot.reducer import fold
from bot.thread import Thread
from channels.port import Author
from tests.fakes import THREAD, author
from tests.logs import DIGEST, ELSEWHERE, ROOM, Log
from tests.unit.test_codec import values


def told(log: Log, after: int = 0) -> list[tuple[str, str, str, str]]:
    """Kind, by, trust and text of the entries after an event."""
    return [
        (entry.kind, entry.by, entry.trust, entry.text) for entry in log.story if entry.seq > after
    ]


def asked(log: Log) -> tuple[int, str, str]:
    """Alice asks for a restart, an agent calls it, people are asked: turn, call, request."""
    turn = log.hear("restart api")
    call = log.call(turn, "restart", {"service": "api"}, verdict="approval")
    return turn, call, log.ask(call)


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "trust"), [("alice", "person"), ("mallory", "stranger"), ("deploybot", "machine")]
)
def test_a_message_says_whose_it_is(by: str, trust: str) -> None:
    """Somebody in the configuration, somebody who is not, or a program."""
    log = Log()
    message = e.MessageReceived(
        by=Author(channel="console", id="U7", name=by, bot=by == "deploybot"),
        person="alice" if by == "alice" else None,
        address=ROOM,
        text="hello",
        audience=(),
    )
    log.add(message)
    assert told(log) == [("message", by, trust, "hello")]
    nameless = Log()
    nameless.add(replace(message, by=Author(channel="console", id="U7"), person=None))
    assert nameless.last().by == "U7"


def test_a_long_message_keeps_its_head_and_tail() -> None:
    """8,000 characters, and how many are left out of it."""
    log = Log()
    log.hear("a" * 9_000 + "z" * 9_000)
    text = log.last().text
    assert text.startswith("a" * 5_000)
    assert text.endswith("z" * 2_000)
    assert "… 10,040 characters left out …" in text
    assert 7_900 < len(text) <= 8_000


def test_what_was_said_elsewhere_is_told_by_what_came_of_it() -> None:
    """A decision from another room is a decision; the words there, and the answer, are not told."""
    log = Log()
    _, call, request = asked(log)
    before = log.thread.version
    log.approve(request, via=ELSEWHERE)
    assert told(log, before) == [("decision", "bob", "code", "approved")]
    turn = log.hear("the secret plan", via=ELSEWHERE)
    log.step(turn, Done(summary="a secret"), "executor")
    log.say(turn, "a secret reply")
    assert "secret" not in str(log.story)
    assert call in {entry.ref for entry in log.story}


def test_agents_leave_notes_for_one_another() -> None:
    """Routes, questions, summaries and handovers, as short as they are; calls and replies not."""
    log = Log()
    turn = log.hear("restart it")
    before = log.thread.version
    log.step(turn, Route(to="executor", reason="a\nchange"), "classifier")
    log.step(turn, AskPerson(question="Which?", options=("api", "web")), "executor")
    log.step(turn, Done(summary="nothing was called"), "executor")
    log.step(turn, HandOver(reason="too odd"), "executor")
    assert told(log, before) == [
        ("step", "classifier", "model", "route to executor"),
        ("step", "executor", "model", "ask: Which? [api | web]"),
        ("step", "executor", "model", "done: nothing was called"),
        ("step", "executor", "model", "hand over to people: too odd"),
    ]


def test_what_the_grammar_reads_is_no_step() -> None:
    """A command is told by its call, not by how it was read."""
    log = Log()
    turn = log.hear("look")
    before = log.thread.version
    log.call(turn, "look", agent="")
    assert told(log, before) == [("call", "alice", "person", "look")]


def test_a_reply_is_told_by_its_agents_words() -> None:
    """The outcomes above them stand in the story as results: they do not cost twice."""
    log = Log()
    turn = log.hear("is it up?")
    log.look(turn, "status", "up")
    before = log.thread.version
    log.say(turn, "It is up.", above="status: exit 0, 1.5 s")
    assert told(log, before) == [("reply", "responder", "model", "It is up.")]


def test_a_long_reply_is_cut() -> None:
    """To 1,000 characters."""
    log = Log()
    log.say(log.hear("tell me"), "x" * 4_000)
    assert 950 < len(log.last().text) <= 1_000


def test_what_code_answers_is_told_by_its_reason() -> None:
    """The outcome of a command, a request's card, a reminder: none is told again as a reply."""
    log = Log()
    turn = log.hear("look")
    call = log.call(turn, "look", agent="")
    log.finish(call, "fine")
    before = log.thread.version
    log.reply(turn, "look: exit 0, 1.5 s\nfine")
    log.add(e.ReplyQueued(address=ROOM, text="look ended", answers=()))
    assert told(log, before) == []


def test_a_hint_of_the_grammar_is_told_in_a_line() -> None:
    """The next message may be an answer to it; a whole help text is cut. Nobody's words vouch."""
    log = Log()
    turn = log.hear("restrat api")
    before = log.thread.version
    log.step(turn, Say(text="Did you mean:\n`restart`? " + "x" * 900), "commands")
    log.reply(turn, "Did you mean:\n`restart`? " + "x" * 900)
    ((kind, by, trust, text),) = told(log, before)
    assert (kind, by, trust) == ("reply", "commands", "machine")
    assert text.startswith("Did you mean: `restart`?")
    assert len(text) == 160


def test_a_reminder_is_told_when_it_is_said() -> None:
    """Its words are whoever's they were: nobody vouches for them."""
    log = Log()
    turn = log.hear("remind me of the kettle")
    call = log.call(turn, "remind")
    at = log.now + timedelta(minutes=5)
    later = Later(at=at, text="the kettle")
    log.add(e.ToolStarted(call_id=call), e.ToolReturned(call_id=call, text="ok", later=later))
    before = log.thread.version
    log.add(e.TimerFired(id=f"later:{call}", purpose="later"))
    log.add(e.TimerFired(id=f"watch:{turn}", purpose="watch"))
    assert told(log, before) == [("note", "", "machine", "reminded: the kettle")]


# --- calls ---------------------------------------------------------------------------------------


def test_a_call_is_told_as_people_can_send_it() -> None:
    """With what keeps it from running before it, where no argument can stand."""
    log = Log()
    turn = log.hear("restart api")
    request = e.ToolRequested(
        call_id="c1",
        turn=turn,
        tool="restart",
        args={"service": "api", "env": "refused, by nobody"},
        shown="restart",
        digest=DIGEST,
        risk=Risk.WRITE,
        verdict="refused",
        rule="frozen",
        address=ROOM,
        agent="executor",
    )
    log.add(request)
    line = 'restart service=api env="refused, by nobody"'
    assert told(log)[-1] == ("call", "executor", "model", f"refused, frozen: {line}")
    log.add(replace(request, call_id="c2", ungrounded=("env",)))
    assert log.last().text == f"not run, nobody wrote env: {line}"
    log.add(replace(request, call_id="c3", verdict="approval"))
    assert (log.last().text, log.last().ref) == (f"needs approval: {line}", "c3")
    log.add(replace(request, call_id="c4", verdict="allowed", replaces="c3"))
    assert log.last().text == f"in place of c3: {line}"


def test_a_result_says_how_it_ended_and_what_was_said() -> None:
    """Exit code and seconds on a line of code's own, then the tool's words without a fence."""
    log = Log()
    turn = log.hear("is it up?")
    call = log.call(turn, "status")
    log.finish(call, "up\nall 3", text="```\nup\nall 3\n```")
    assert log.last() == Entry(
        seq=log.thread.version,
        kind="result",
        text="exit 0, 1.5 s\nup\nall 3",
        at=log.now,
        by="status",
        trust="machine",
        ref=call,
    )


def test_a_shortened_result_says_how_to_read_all_of_it() -> None:
    """As the call that shows it; what a tool has condensed itself counts as well."""
    log = Log()
    turn = log.hear("show me the log")
    lines = "\n".join(f"line {number}" for number in range(200))
    call = log.look(turn, "logs", lines)
    first, *rest = log.last().text.splitlines()
    assert first == f"exit 0, 1.5 s, shortened: result ref={call}"
    assert "… 182 lines left out …" in rest
    assert rest[-1] == "line 199"
    call = log.call(turn, "logs")
    returned = e.ToolReturned(call_id=call, text=lines, output=lines, brief="200 lines, all well")
    log.add(e.ToolStarted(call_id=call), returned)
    assert log.last().text == f"ok, 0.0 s, shortened: result ref={call}\n200 lines, all well"


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("exit", "exit 1, 2.0 s"),
        ("timeout", "stopped after its time limit, 2.0 s"),
        ("cancelled", "cancelled after 2.0 s"),
        ("changed", "not run, what would run has changed"),
        ("error", "failed, 2.0 s"),
    ],
)
def test_a_failure_says_how(reason: e.FailureReason, line: str) -> None:
    """Whatever ended it, in the words of code."""
    log = Log()
    log.fail(log.call(log.hear("restart api"), "restart"), "no route", reason)
    assert (log.last().kind, log.last().text) == ("failure", f"{line}\nno route")


TRACE = """\
Traceback (most recent call last):
  File "restart.py", line 7, in <module>
    main()
    ~~~~^^
ValueError: no such host

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "restart.py", line 9, in main
    raise RuntimeError
RuntimeError: gave up
"""


@pytest.mark.parametrize("brief", ["", TRACE])
def test_no_traceback_gets_in(brief: str) -> None:
    """Only its last line, whoever condensed it; what was said around it stays."""
    log = Log()
    call = log.call(log.hear("restart api"), "restart")
    said = f"starting\n{TRACE}bye"
    failed = e.ToolFailed(call_id=call, reason="exit", text=said, exit_code=1, brief=brief)
    log.add(e.ToolStarted(call_id=call), failed)
    text = log.last().text
    assert "Traceback" not in text
    assert "File" not in text
    assert "RuntimeError: gave up" in text
    assert ("starting" in text) is (brief == "")


def test_a_traceback_in_a_log_is_one_too() -> None:
    """Each of its lines stands behind the log's own marks."""
    log = Log()
    marked = "".join(f"api-1 | {line}\n" for line in TRACE.splitlines())
    log.look(log.hear("show me the log"), "logs", f"api-1 | begin\n{marked}api-1 | end")
    text = log.last().text
    assert "api-1 | RuntimeError: gave up\napi-1 | end" in text
    assert not any(inner in text for inner in ("Traceback", "File", "main()", "~~~", "raise"))


def test_nobody_knows_is_told_and_then_what_people_found() -> None:
    """A run that nobody saw end, the question about it, and its answer."""
    log = Log()
    turn = log.hear("restart api")
    call = log.call(turn, "restart")
    log.add(e.ToolStarted(call_id=call), e.ToolUncertain(call_id=call))
    assert log.last().kind == "failure"
    assert "whether it was done is not known" in log.last().text
    asked_what = e.QuestionAsked(
        request_id="q-1",
        call_id=call,
        text="what became of it?",
        options=("done", "not done"),
        answerers=("bob",),
    )
    log.add(asked_what)
    assert log.last().text == f"of {call}, bob may answer [done | not done]: what became of it?"
    answer = log.hear("answer q-1 done", "bob")
    before = log.thread.version
    bob = author("bob")
    log.add(
        e.QuestionAnswered(
            request_id="q-1", by=bob, person="bob", via=ROOM, answer="done", turn=answer
        ),
        e.UncertaintyResolved(call_id=call, outcome="done", by=bob, person="bob"),
    )
    assert told(log, before) == [
        ("decision", "bob", "person", "answered: done"),
        ("result", "restart", "machine", "done, says bob, who looked"),
    ]


# --- requests ------------------------------------------------------------------------------------


def test_a_request_says_who_may_decide_and_until_when() -> None:
    """Under its id, which its decision has as well."""
    log = Log()
    _, call, request = asked(log)
    line = f"may {call} run? alice, bob may say (operator), until 2026-01-02 03:34"
    assert told(log)[-1] == ("request", "", "code", line)
    assert log.last().ref == request


def test_a_refusal_is_told_in_the_words_of_who_refused() -> None:
    """They are a person's, and say so."""
    log = Log()
    _, _, request = asked(log)
    turn = log.hear(f"deny {request} not now", "bob")
    bob = author("bob")
    log.add(
        e.ApprovalRefused(
            request_id=request, by=bob, person="bob", via=ROOM, reason="not now", turn=turn
        )
    )
    entry = next(entry for entry in log.story if entry.kind == "decision")
    assert (entry.by, entry.trust, entry.ref) == ("bob", "person", request)
    assert entry.text == "refused: not now"


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (e.ApprovalExpired(request_id=f"{THREAD}-1"), "expired, nobody decided in time"),
        (
            e.ApprovalWithdrawn(request_id=f"{THREAD}-1", reason="superseded"),
            "withdrawn, superseded",
        ),
    ],
)
def test_a_request_that_nobody_decides_ends_too(ended: e.Event, text: str) -> None:
    """A model can see that it waits for nothing."""
    log = Log()
    asked(log)
    log.add(ended)
    assert told(log)[-1] == ("decision", "", "code", text)


def test_a_decision_that_does_not_count_repeats_no_made_up_name() -> None:
    """Code vouches for the line, so a request that never was is not named in it."""
    log = Log()
    _, _, request = asked(log)
    turn = log.hear("approve restart-prod-now", "mallory")
    refused = e.DecisionRefused(
        request_id="restart-prod-now",
        by=author("mallory"),
        person=None,
        reason="there is no request restart-prod-now",
        turn=turn,
    )
    before = log.thread.version
    log.add(refused)
    log.add(replace(refused, request_id=request, reason="you may not decide this"))
    head = "tried to decide, which does not count:"
    assert told(log, before) == [
        ("decision", "mallory", "code", f"{head} there is no such request"),
        ("decision", "mallory", "code", f"{head} you may not decide this"),
    ]


# --- the thread ----------------------------------------------------------------------------------


def test_hands_on_the_thread_are_notes() -> None:
    """Who cancelled, paused and resumed it, that agents stopped, and that more may be spent."""
    log = Log()
    turn = log.hear("restart api")
    bob = author("bob")
    before = log.thread.version
    log.add(
        e.Paused(by=bob, person="bob"),
        e.Resumed(by=bob, person="bob"),
        e.Cancelled(by=bob, person="bob"),
        e.HandedOver(turn=turn, agent="executor", reason="cap", text="8 steps"),
        e.HandedOver(turn=turn, agent="executor", reason="asked", text="too odd"),
    )
    assert told(log, before) == [
        ("note", "bob", "code", "paused: nothing new starts until it is resumed"),
        ("note", "bob", "code", "resumed"),
        ("note", "bob", "code", "cancelled everything that was asked for or ran"),
        ("note", "", "code", "agents stopped, people have to go on: 8 steps"),
        ("note", "", "code", "agents stopped, people have to go on"),
    ]
    log.add(e.CapRaised(call_id="c9", cap="thread", usd="1", approved_by=("bob",)))
    assert told(log)[-1] == (
        "note",
        "bob",
        "code",
        "the cap of the thread is raised by 1 US dollars",
    )


def test_a_checkpoint_puts_fewer_words_in_place_of_what_came_before() -> None:
    """What came after it stays as it was, and the log alone gives the same story."""
    log = Log()
    log.say(log.hear("one"), "1")
    upto = log.thread.version
    log.say(log.hear("two"), "2")
    later = tuple(entry for entry in log.story if entry.seq > upto)
    short = Entry(seq=1, kind="note", text="it was about one", at=log.now)
    log.add(e.Condensed(upto=upto, entries=(short,)))
    assert log.story == (short, *later)
    assert fold(THREAD, log.events) == log.thread


@pytest.mark.parametrize("kind", get_args(e.Event), ids=lambda kind: str(kind.__name__))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_an_event_holds_it_can_be_told(kind: type[e.Event], data: st.DataObject) -> None:
    """Nothing that may stand in a log keeps a thread from being folded or told."""
    event = data.draw(values(kind))
    assert isinstance(event, kind)
    entry = story.told(event, Thread(id=THREAD))
    assert entry is None or markup.element(entry).startswith(f"<{entry.kind} ")
