"""What Discord's messages and clicks are to the bot."""

import random
from dataclasses import replace
from itertools import product

import pytest

from channels.discord import clicks, inbound, words
from channels.discord.clicks import Form
from channels.discord.names import Me, Place
from channels.discord.payloads import Pressed, Said
from channels.port import Inbound

ME = Me(user="1", name="watchkeeper")
CHANNEL = Place(channel="10")
THREAD = Place(channel="20", parent="10")
DIRECT = Place(channel="30", direct=True)
SAID = Said(id="99", place=CHANNEL, by="7", name="Ann", text="<@1> look", mentions=("1",))
PRESSED = Pressed(id="5", place=THREAD, by="7")
REQUEST = "abcdefghijkl-1"


@pytest.mark.parametrize(
    ("place", "references", "address", "audience"),
    [
        (CHANNEL, ("discord:99",), ("10", "99"), ("discord:10",)),
        (THREAD, ("discord:20",), ("10", "20"), ("discord:10",)),
        (DIRECT, ("discord:30",), ("@7", ""), ("discord:7",)),
        (replace(THREAD, closed=True), ("discord:20",), ("10", "20"), ("discord:20",)),
    ],
)
def test_where_it_was_said(
    place: Place, references: tuple[str], address: tuple[str, str], audience: tuple[str]
) -> None:
    """Which conversation it is of, where its answer goes, and who reads it there."""
    heard = inbound.said(replace(SAID, place=place), ME)
    assert heard is not None
    assert heard.references == references
    assert (heard.address.room, heard.address.thread) == address
    assert heard.audience == audience
    assert heard.text == "look"


@pytest.mark.parametrize(
    "said",
    [
        replace(SAID, by="1"),
        replace(SAID, bot=True),
        replace(SAID, ordinary=False),
        replace(SAID, text="look", mentions=()),
        replace(SAID, place=THREAD, text="<@8> look", mentions=("8",)),
        replace(SAID, place=THREAD, text="", mentions=()),
    ],
)
def test_what_is_not_for_it(said: Said) -> None:
    """Its own, bots', Discord's, what is said to the channel or to somebody else, and nothing."""
    assert inbound.said(said, ME) is None


def test_words_are_read_as_they_were_typed() -> None:
    """Names for ids, the call left out, signs by what they show."""
    text = "<@1> ask <@!8> about <:fire:12> in <@&3>, or </restart:44> <@1>"
    told = words.plain(text, "1", "watchkeeper", {"8": "Ben"})
    assert told == "ask @Ben about :fire: in @3, or /restart"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (f"wk:approve:{REQUEST}", f"approve {REQUEST}"),
        (f"wk:option:{REQUEST}:2", f"answer {REQUEST} 2"),
        (f"wk:all:{REQUEST}:2.3", f"approve {REQUEST} abcdefghijkl-2 abcdefghijkl-3"),
        ("wk:stop:", "stop"),
    ],
)
def test_buttons_that_decide(name: str, text: str) -> None:
    """What each says, from who pressed it, once a press."""
    heard = clicks.pressed(name, PRESSED)
    assert isinstance(heard, Inbound)
    assert (heard.text, heard.author.id, heard.may_open) == (text, "7", False)
    assert heard.dedupe == "discord:click:5"


def test_buttons_that_ask_for_more_first() -> None:
    """A form each; what is typed becomes one line."""
    form = clicks.pressed(f"wk:edit:{REQUEST}", PRESSED, "tag=one")
    assert isinstance(form, Form)
    assert form.value == "tag=one"
    heard = clicks.sent(form.custom_id, "tag=two\napprove other-1", PRESSED)
    assert heard is not None
    assert heard.text == f"approve {REQUEST} tag=two approve other-1"


def test_the_names_of_others_buttons_mean_nothing() -> None:
    """Whatever they look like."""
    for name in ("", "approve", "wk:approve", "wk:evil:x-1", "wk:approve:x-1\nstop", "wk:all:A-1"):
        assert clicks.pressed(name, PRESSED) is None
        assert clicks.sent(name, "x", PRESSED) is None


def test_many_fit_on_one_button_or_there_is_none() -> None:
    """A name has 100 characters."""
    few = clicks.all_of(REQUEST, ("abcdefghijkl-2",))
    assert few == f"wk:all:{REQUEST}:2"
    many = tuple(f"abcdefghijkl-{number}" for number in range(2, 60))
    assert clicks.all_of(REQUEST, many) == ""
    assert clicks.all_of(REQUEST, ("otherthread1-2",)) == ""


def test_commands_are_read_as_they_were_given() -> None:
    """A value with spaces or quotes is one value."""
    told = clicks.typed("bump", {"tag": 'a "b" c', "force": True, "count": 3, "env": "prod"})
    assert told == r'bump tag="a \"b\" c" force=yes count=3 env=prod'


def test_nothing_breaks_and_nobody_is_taken_for_another() -> None:
    """Thousands of odd messages: no exception, and the author is who Discord says."""
    chance = random.Random(6)
    junk = ("", "x", "\ud800", "<@1>", "<@1><@1>", "<@", "\n", "9" * 400, "<@&1>", "@everyone")
    for place, text in product((CHANNEL, THREAD, DIRECT, Place(channel="")), junk):
        for _ in range(50):
            said = Said(
                id=chance.choice(junk),
                place=place,
                by=chance.choice(junk),
                name="evil",
                text=f"{text} {chance.choice(junk)}",
                mentions=(chance.choice(junk), chance.choice(("1", "2"))),
                names={chance.choice(junk): "ann"},
                edited=chance.choice(junk),
            )
            for translate in (inbound.said, inbound.edited, inbound.deleted):
                heard = translate(said, ME)
                assert heard is None or heard.author.id == said.by
