"""What people write in Slack, as messages for the bot."""

import time

import pytest

from channels.port import Inbound
from channels.slack.inbound import from_event
from channels.slack.words import plain
from tests.slack_payloads import DIRECT, ME, ROOM, changed, deleted, event


def said(**fields: object) -> Inbound:
    """The message that an event is; there has to be one."""
    heard = from_event(event(**fields), ME, ROOM)  # type: ignore[arg-type]
    assert heard is not None
    return heard


def test_a_mention_opens_a_conversation() -> None:
    """By whom, where the answer goes, and what was said, without the call."""
    heard = said()
    assert heard.text == "restart api"
    assert (heard.author.channel, heard.author.id) == ("slack", "T1/U1")
    assert (heard.address.room, heard.address.thread) == ("C1", "1700000000.000100")
    assert heard.references == ("slack:T1:C1:1700000000.000100",)
    assert heard.audience == ("slack:C1",)
    assert heard.may_open


def test_a_mention_and_its_message_are_one() -> None:
    """Slack tells of both, with two event ids: they have the same name."""
    assert said().dedupe == said(kind="app_mention", channel_type=None).dedupe


def test_a_reply_belongs_to_its_conversation() -> None:
    """It needs no mention there, and opens none elsewhere."""
    heard = said(text="and web", thread_ts="1699999999.000001", ts="1700000005.000000")
    assert heard.references == ("slack:T1:C1:1699999999.000001",)
    assert not heard.may_open


def test_a_direct_message_is_for_the_bot() -> None:
    """Without a mention; its audience is who wrote it."""
    body = event(channel="D1", channel_type="im", text="restart api")
    heard = from_event(body, ME, DIRECT)
    assert heard is not None
    assert heard.may_open
    assert heard.audience == ("slack:T1/U1",)


@pytest.mark.parametrize(
    "fields",
    [
        {"user": "UBOT"},
        {"bot_id": "B1"},
        {"bot_id": "B9", "subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"user": None},
        {"ts": None},
        {"kind": "reaction_added"},
        {"text": "<@U9> could you look?"},
        {"text": "hey <@U9>, <@U8> can you look?"},
    ],
)
def test_what_is_not_for_the_bot(fields: dict[str, object]) -> None:
    """Its own words, bots, joins, and what somebody says to somebody else."""
    assert from_event(event(**fields), ME, ROOM) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        {"files": [None]},
        {"files": "x"},
        {"edited": True},
        {"edited": {"ts": 5}},
        {"reply_count": "2"},
        {"latest_reply": 5},
        {"channel_type": 5},
        {"previous_message": "x"},
        {"message": []},
        {"subtype": ""},
        {"deleted_ts": []},
    ],
)
def test_an_odd_field_loses_no_message(fields: dict[str, object]) -> None:
    """What only adds to it is missing then: it was said all the same, by whom and where it was."""
    assert said(**fields) == said()


@pytest.mark.parametrize("name", ["user", "channel", "ts", "thread_ts", "team", "user_team"])
@pytest.mark.parametrize("odd", [5, True, {"id": "U1"}, ["U1"]])
def test_an_odd_identity_is_nobodys(name: str, odd: object) -> None:
    """Who said it, where and when is never made up."""
    assert from_event(event(**{name: odd}), ME, ROOM) is None  # type: ignore[arg-type]


def test_an_odd_file_takes_no_other_along() -> None:
    """Each is read by itself; of an odd one, what can be."""
    good = {"id": "F1", "name": "a.txt", "size": 5}
    told = said(files=[None, "x", {"id": "F2", "name": "b.txt", "size": "5"}, good]).text
    assert told == "restart api\n[file: b.txt, 0 bytes]\n[file: a.txt, 5 bytes]"


def test_who_is_only_spoken_of_is_not_spoken_to() -> None:
    """A person named at the end does not take the message away from the bot."""
    heard = said(text="restart api in staging please, thanks to <@U9>")
    assert heard.text == "restart api in staging please, thanks to @U9"


def test_a_person_of_another_workspace_is_nobody_of_the_team() -> None:
    """Whatever their id; and the room is known to be shared."""
    body = event(shared=True, user_team="T2")
    heard = from_event(body, ME, ROOM)
    assert heard is not None
    assert heard.author.id == "T2/U1"
    assert not heard.author.authenticated
    assert heard.outsiders


def test_an_author_of_another_workspace_is_an_outsider() -> None:
    """Whatever the event says of the room: they read there."""
    assert said(user_team="T2").outsiders
    assert not said(user_team="T1").outsiders


def test_an_edit_names_the_message_and_its_version() -> None:
    """It reads otherwise now, and opens nothing."""
    heard = from_event(changed("<@UBOT> restart web", "<@UBOT> restart api"), ME, ROOM)
    assert heard is not None
    assert (heard.change, heard.text, heard.may_open) == ("edited", "restart web", False)
    assert heard.ref == said().ref
    assert heard.dedupe != said().dedupe


def test_a_preview_is_no_edit() -> None:
    """Slack says "changed" as well when it has only unfurled a link."""
    assert from_event(changed("same", "same"), ME, ROOM) is None


def test_an_edit_of_the_bots_own_is_nothing() -> None:
    """It settles its cards itself."""
    assert from_event(changed("a", "b", by="UBOT"), ME, ROOM) is None


def test_a_deletion_names_the_message() -> None:
    """By whom it was."""
    heard = from_event(deleted(), ME, ROOM)
    assert heard is not None
    assert (heard.change, heard.ref, heard.author.id) == ("deleted", said().ref, "T1/U1")


def test_a_deletion_need_not_say_whose_it_was() -> None:
    """As Slack documents it: it names the message all the same, and is nobody's act."""
    body = deleted()
    told = body["event"]
    assert isinstance(told, dict)
    del told["previous_message"]
    heard = from_event(body, ME, ROOM)
    assert heard is not None
    assert (heard.change, heard.ref, heard.references) == ("deleted", said().ref, said().references)
    assert (heard.author.id, heard.author.authenticated) == ("", False)
    again = from_event(deleted(), ME, ROOM)
    assert again is not None
    assert heard.dedupe == again.dedupe


def test_a_message_with_replies_leaves_a_stone() -> None:
    """Slack then says "changed", into something of nobody's: it is a deletion all the same."""
    body = changed("This message was deleted.", "never mind")
    told = body["event"]
    assert isinstance(told, dict)
    told["message"] |= {"subtype": "tombstone", "user": "USLACKBOT"}
    heard = from_event(body, ME, ROOM)
    assert heard is not None
    assert (heard.change, heard.author.id, heard.ref) == ("deleted", "T1/U1", said().ref)


def test_files_are_named() -> None:
    """With kind and size, below what was said; what they hold stands below that."""
    file = {"id": "F1", "name": "app.log", "mimetype": "text/plain", "size": 12}
    body = event(subtype="file_share", files=[file])
    heard = from_event(body, ME, ROOM, attached=("app.log:\n```\nx\n```",))
    assert heard is not None
    told = "restart api\n[file: app.log, text/plain, 12 bytes]\napp.log:\n```\nx\n```"
    assert heard.text == told


@pytest.mark.parametrize(
    ("raw", "typed"),
    [
        ("<@UBOT>, restart api", "restart api"),
        ("restart api <@UBOT>", "restart api"),
        ("restart api \t<@UBOT|watchkeeper> \n", "restart api"),
        ("ask <@UBOT> about it", "ask @watchkeeper about it"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("&amp;lt;", "&lt;"),
        ("see <https://example.com/x?a=1&amp;b=2>", "see https://example.com/x?a=1&b=2"),
        ("check <http://example.com|example.com>", "check example.com"),
        ("<https://evil.example|example.com>", "example.com (https://evil.example)"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<#C9|ops> and <#C8>", "#ops and #C8"),
        ("<!here> <!subteam^S1|@oncall> <!date^1^{date}|today>", "@here @oncall today"),
    ],
)
def test_slacks_own_forms_are_read_as_typed(raw: str, typed: str) -> None:
    """What a person typed is what grounds a call, so it has to be that to the letter."""
    assert plain(raw, "UBOT", "watchkeeper") == typed


@pytest.mark.parametrize(
    "raw",
    [
        "<@UBOT> a" + " " * 39_000 + "b",
        "<@UBOT> " * 5_000,
        "x" + " <@UBOT>" * 5_000 + "b",
        "<" * 40_000,
        "<@" * 20_000,
        "<@U1|" * 8_000,
        "<@UBOT|" * 5_600,
        "<!date^1" * 5_000,
        "&" * 40_000,
        "<@" + "U" * 40_000,
        "a " + "<@" + "\t" * 39_000,
    ],
)
def test_a_hostile_message_stalls_nothing(raw: str) -> None:
    """Reading it takes no longer than its length is worth: everybody else waits meanwhile."""
    begun = time.process_time()
    from_event(event(text=raw), ME, ROOM)
    assert time.process_time() - begun < 0.5
