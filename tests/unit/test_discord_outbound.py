"""What the bot says, as Discord takes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.discord.cards import args_in
from channels.discord.outbound import PLAIN, WHOLE, Post, render
from channels.port import Address, Beside, Card, Outbound

TO = Address(channel="discord", room="10")
REQUEST = "abcdefghijkl-1"


def said(text: str, card: Card | None = None) -> tuple[Post, ...]:
    """The messages for it."""
    return render(Outbound(key="t:1", address=TO, text=text, card=card))


def size(post: Post) -> int:
    """Characters of all its texts."""
    return len(post.text) + sum(map(len, post.layout.texts if post.layout else ()))


@given(st.text(alphabet="](<@1:t/>`\n a", max_size=9_000))
def test_whatever_is_said_fits(text: str) -> None:
    """What is made harmless grows by that, and fits all the same."""
    for post in said(text):
        assert 0 < size(post) <= (WHOLE if post.rich else PLAIN)


@given(st.text(max_size=6_000), st.text(alphabet="ab `](", max_size=6_000))
def test_whatever_is_asked_fits(text: str, line: str) -> None:
    """With the text beside it."""
    card = Card(request=REQUEST, kind="approval", title="Approval needed", lines=(line, line))
    for post in said(text, card):
        assert size(post) <= WHOLE


def test_a_card_that_is_cut_is_whole_in_a_file() -> None:
    """Nobody has to approve what they could not read."""
    lines = tuple(f"line {number} {'x' * 500}" for number in range(20))
    card = Card(request=REQUEST, kind="approval", title="Approval needed", lines=lines)
    [post] = said("\n".join(lines), card)
    assert post.file is not None
    assert all(line in post.file.content for line in lines)


def test_what_is_not_all_listed_is_not_approved_together() -> None:
    """The button for all of them is there only where all of them are shown."""
    few = (Beside(request="abcdefghijkl-2", shown="bump tag=two"),)
    many = tuple(
        Beside(request=f"abcdefghijkl-{number}", shown="x" * 550) for number in range(2, 12)
    )
    for beside, together in ((few, True), (many, False)):
        card = Card(request=REQUEST, kind="approval", title="Approval needed", beside=beside)
        [post] = said("", card)
        assert post.layout is not None
        names = [one.custom_id for row in post.layout.rows for one in row]
        assert any(name.startswith("wk:all:") for name in names) is together
        assert f"wk:approve:{REQUEST}" in names


@pytest.mark.parametrize(
    ("args", "editable"),
    [
        ("tag=one env=prod", True),
        ("tag=a`b", False),
        ("tag='two  spaces'", False),
        (f"tag={'x' * 700}", False),
    ],
)
def test_a_form_begins_with_the_arguments_as_they_are_or_not_at_all(
    args: str, editable: bool
) -> None:
    """It reads them off the card: what the card can not show sign for sign is not changed there."""
    card = Card(request=REQUEST, kind="approval", title="Approval needed", args=args)
    [post] = said("", card)
    assert post.layout is not None
    names = [one.custom_id for row in post.layout.rows for one in row]
    assert (f"wk:edit:{REQUEST}" in names) is editable
    assert args_in(post.layout.texts) == (args if editable else "")
