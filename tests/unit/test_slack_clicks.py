"""Buttons, forms, the command and the shortcut."""

import pytest

from channels.port import Inbound
from channels.slack import clicks, modals
from tests.slack_payloads import DIRECT, ME, REQUEST, ROOM, click, command, event, form, shortcut

AT = modals.At(room="C1", root="1700000000.000100", request=REQUEST)


def pressed(action: str, value: str = REQUEST, **how: str) -> Inbound:
    """The decision that a button is."""
    heard = clicks.pressed(click(action, value, **how), ME, ROOM)
    assert isinstance(heard, Inbound)
    return heard


@pytest.mark.parametrize(
    ("action", "value", "text"),
    [
        ("approve", REQUEST, f"approve {REQUEST}"),
        ("approve_all", f"{REQUEST} abcdefghijkl-2", f"approve {REQUEST} abcdefghijkl-2"),
        ("option:2", f"{REQUEST} 2", f"answer {REQUEST} 2"),
    ],
)
def test_a_button_is_a_decision_in_words(action: str, value: str, text: str) -> None:
    """The same words that a person can type, by whoever pressed."""
    heard = pressed(action, value)
    assert heard.text == text
    assert heard.author.id == "T1/U2"
    assert heard.address.thread == "1700000000.000100"
    assert not heard.may_open


def test_a_click_that_comes_twice_is_one() -> None:
    """The same press has one name; somebody else's press has another."""
    assert pressed("approve").dedupe == pressed("approve").dedupe
    assert pressed("approve").dedupe != pressed("approve", by="U3").dedupe


def test_somebody_of_another_workspace_is_nobody() -> None:
    """They press, and are told so like anybody who may not."""
    heard = pressed("approve", team="T2")
    assert (heard.author.id, heard.author.authenticated) == ("T2/U2", False)


@pytest.mark.parametrize(
    ("action", "form"), [("deny", "deny"), ("edit", "edit"), ("write", "answer")]
)
def test_what_needs_words_opens_a_form(action: str, form: str) -> None:
    """It remembers which request it is about, and decides nothing by itself."""
    heard = clicks.pressed(click(action, f"{REQUEST} tag=one"), ME, ROOM)
    assert isinstance(heard, clicks.Opens)
    assert heard.view["callback_id"] == form
    assert modals.read_at(str(heard.view["private_metadata"])) == AT


def test_a_form_shows_the_arguments_as_they_are() -> None:
    """To be changed, not to be typed anew."""
    heard = clicks.pressed(click("edit", f"{REQUEST} tag=one env=prod"), ME, ROOM)
    assert isinstance(heard, clicks.Opens)
    assert "tag=one env=prod" in str(heard.view["blocks"])


@pytest.mark.parametrize(
    ("callback", "typed", "text"),
    [
        ("deny", "not on\nFriday", f"deny {REQUEST} not on Friday"),
        ("deny", "", f"deny {REQUEST}"),
        ("edit", "tag=two", f"approve {REQUEST} tag=two"),
        ("answer", "the web one", f"answer {REQUEST} the web one"),
    ],
)
def test_a_form_is_a_decision_on_one_line(callback: str, typed: str, text: str) -> None:
    """Whatever was typed into it."""
    heard = clicks.sent(form(callback, AT.model_dump_json(), typed), ME, ROOM)
    assert heard is not None
    assert heard.text == text
    assert heard.references == ("slack:T1:C1:1700000000.000100",)


@pytest.mark.parametrize("callback", ["edit", "answer"])
@pytest.mark.parametrize("typed", ["", "  \n"])
def test_a_form_that_is_sent_empty_decides_nothing(callback: str, typed: str) -> None:
    """Least of all what stood in it before: it stays open, and says what it lacks."""
    body = form(callback, AT.model_dump_json(), typed)
    assert clicks.sent(body, ME, ROOM) is None
    assert clicks.lacking(body).startswith("Say ")
    assert clicks.lacking(form("deny", AT.model_dump_json(), typed)) == ""
    assert clicks.lacking(form(callback, AT.model_dump_json(), "x")) == ""


@pytest.mark.parametrize(
    "body",
    [click("other"), click("approve", ""), form("deny", "{}", "x"), form("x", "nonsense", "x"), {}],
)
def test_what_is_not_ours_is_nothing(body: dict[str, object]) -> None:
    """Other apps' buttons and forms, and what is none."""
    assert clicks.pressed(body, ME, ROOM) is None
    assert clicks.sent(body, ME, ROOM) is None


def test_the_shortcut_brings_a_message_as_a_quotation() -> None:
    """It is somebody else's words: what is asked is what the person typed above it."""
    opened = clicks.shortcut(shortcut("disk full &lt;now&gt;"))
    assert opened is not None
    metadata = str(opened.view["private_metadata"])
    heard = clicks.sent(form("ask", metadata, "what is this?", by="U1"), ME, ROOM)
    assert heard is not None
    assert heard.text == "what is this?\n> disk full <now>"
    assert heard.may_open


@pytest.mark.parametrize("letter", ["x", "\u0436", "\u00e9", '"', "x\n", "\U0001f525"])
def test_the_shortcut_keeps_what_slack_keeps(letter: str) -> None:
    """3,000 bytes with a form, in whatever script; as much of a message as goes into them."""
    opened = clicks.shortcut(shortcut(letter * 3_500 + "end"))
    assert opened is not None
    metadata = str(opened.view["private_metadata"])
    assert 2_900 < len(metadata.encode()) <= 3_000
    at = modals.read_at(metadata)
    assert at is not None
    assert at.quoted.startswith(f"> {letter}")
    short = clicks.shortcut(shortcut(letter * 100 + "end"))
    assert short is not None
    assert "end" in str(short.view["private_metadata"])


def test_a_command_is_a_message() -> None:
    """Its answer goes to the room; a person has one such conversation there."""
    heard = clicks.command(command("services"), ME, ROOM)
    assert heard is not None
    assert (heard.text, heard.address.room, heard.address.thread) == ("services", "C1", "")
    again = clicks.command(command(""), ME, DIRECT)
    assert again is not None
    assert again.text == "help"
    assert again.references == heard.references


def test_the_stop_button_says_stop() -> None:
    """In the conversation whose session it ends."""
    body = event("agent_session_stopped", thread_ts="1700000000.000100")
    heard = clicks.stopped(body, ME, ROOM)
    assert heard is not None
    assert (heard.text, heard.author.id) == ("stop", "T1/U1")
    assert heard.references == ("slack:T1:C1:1700000000.000100",)
    assert not heard.may_open
