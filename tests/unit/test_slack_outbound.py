"""Answers and requests as Slack takes them."""

import html
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.port import Address, Beside, Card, Outbound
from channels.slack.outbound import Rendered, render

CARD = Card(
    request="abcdefghijkl-1",
    kind="approval",
    title="Approval needed",
    lines=("restart service=api", "may decide: bob"),
    expires_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    args="service=api",
)


def rendered(text: str, card: Card | None = None) -> Rendered:
    """What an answer is in Slack."""
    address = Address(channel="slack", room="C1", thread="1.2")
    return render(Outbound(key="t:1", address=address, text=text, card=card))


def shown(text: str, card: Card | None = None) -> str:
    """Everything of it that Slack reads."""
    told = rendered(text, card)
    return json.dumps([(post.text, post.blocks) for post in told.posts], ensure_ascii=False)


def buttons(card: Card) -> list[dict[str, str]]:
    """The buttons of a card, each with its action and its value."""
    blocks = [block for post in rendered("", card).posts for block in post.blocks]
    found: list[dict[str, str]] = []
    for block in blocks:
        if block["type"] == "actions":
            assert isinstance(block["elements"], list)
            for one in block["elements"]:
                assert isinstance(one, dict)
                found.append({"action": str(one["action_id"]), "value": str(one["value"])})
    return found


def actions(card: Card) -> list[str]:
    """What they are called."""
    return [one["action"] for one in buttons(card)]


@pytest.mark.parametrize(
    "word", ["<!channel>", "<!here>", "<!everyone>", "<@U123>", "<!subteam^S1>", "<#C1>"]
)
@pytest.mark.parametrize("place", ["{}", "`{}`", "```\n{}\n```", "> {}", "[x]({})"])
def test_19_nobody_is_pinged(word: str, place: str) -> None:
    """Wherever a text that is not ours names somebody."""
    card = replace(CARD, lines=(word,), options=(word,), title=word, outcome=word)
    for each in (None, card, replace(card, outcome="")):
        assert word not in shown(place.format(word), each)


def test_words_do_not_stand_for_an_address() -> None:
    """A link shows where it leads."""
    text = shown(
        "[bank](https://evil.example) ![x](https://evil.example)\n[b]: https://evil.example"
    )
    assert "](" not in text
    assert "[b]:" not in text


def test_18_code_keeps_its_fence() -> None:
    """Cut in its middle, each part is code; the messages have the order of the text."""
    code = "\n".join(f"line {n}" for n in range(280))
    text = "\n".join(["first", "```", code, "```", "x " * 5_000, "last"])
    posts = rendered(text).posts
    assert len(posts) > 1
    for post in posts:
        assert str(post.blocks).count("```") % 2 == 0
    assert [post.mark for post in posts] == [f"t:1#{n}" for n in range(len(posts))]


def test_18_what_is_too_long_becomes_a_file() -> None:
    """With its beginning above it, and all of it inside."""
    told = rendered("word\n" * 20_000)
    assert len(told.posts) == 1
    assert [file.content for file in told.files] == ["word\n" * 20_000]
    assert told.files[0].name in told.posts[0].text


def test_18_long_output_becomes_a_file() -> None:
    """The rest of the answer stays a message, which names it."""
    output = "\n".join(f"row {n}" for n in range(1_000))
    told = rendered(f"restart: exit 0\n```\n{output}\n```\ndone")
    assert [file.content for file in told.files] == [output]
    assert "row 1" not in told.posts[0].text
    assert told.files[0].name in told.posts[0].text


def test_a_card_has_what_is_needed_to_decide() -> None:
    """What runs, who may, until when; and the buttons, each with the request's id alone."""
    told = shown("", CARD)
    assert "restart service=api" in told
    assert "may decide: bob" in told
    assert "2026-01-02 03:04 UTC" in told
    assert actions(CARD) == ["approve", "edit", "deny"]


def test_25_a_settled_card_has_no_buttons() -> None:
    """It says who, when and what."""
    settled = replace(CARD, outcome="Approved by bob, 2026-01-02 03:05 UTC")
    assert actions(settled) == []
    assert "Approved by bob, 2026-01-02 03:05 UTC" in shown("", settled)
    assert "restart service=api" in shown("", settled)


def test_options_are_buttons() -> None:
    """One each; a question without any is answered in a form."""
    question = replace(CARD, kind="question", options=("api", "web"))
    assert actions(question) == ["option:1", "option:2"]
    assert actions(replace(question, options=())) == ["write"]


def test_a_batch_is_listed_before_it_is_approved() -> None:
    """Each that waits is named, and one button is for all."""
    card = replace(CARD, beside=(Beside(request="abcdefghijkl-2", shown="restart service=web"),))
    assert actions(card) == ["approve", "edit", "deny", "approve_all"]
    assert "restart service=web" in shown("", card)


def test_only_what_is_listed_whole_is_approved_at_once() -> None:
    """The button counts and carries what stands above it; what does not fit is left out of both."""
    beside = tuple(
        Beside(request=f"abcdefghijkl-{n}", shown=f"change tag={'a' * 600}{n}END")
        for n in range(2, 9)
    )
    [every] = [
        one for one in buttons(replace(CARD, beside=beside)) if one["action"] == "approve_all"
    ]
    told = shown("", replace(CARD, beside=beside))
    ids = every["value"].split()
    assert ids == [CARD.request, *(one.request for one in beside if one.shown in told)]
    assert 2 < len(ids) < len(beside)
    assert f"Approve these {len(ids)}" in told


def test_what_can_not_be_listed_is_no_batch() -> None:
    """There is nothing to approve together with the card's own."""
    beside = (Beside(request="abcdefghijkl-2", shown="&" * 700),)
    assert "approve_all" not in actions(replace(CARD, beside=beside))


@pytest.mark.parametrize("filling", ["a" * 3_000, "&" * 1_400, "a  b" * 900, "`<x> " * 500])
def test_a_card_shows_all_that_would_run(filling: str) -> None:
    """However long it is, and however much it grows; sign for sign, with every space."""
    line = f"change tag={filling}TAIL"
    told = [post.blocks for post in rendered(line, replace(CARD, lines=(line,))).posts]
    found = [block["text"] for block in told[0] if block["type"] == "section"]
    sections = [str(one["text"]) for one in found if isinstance(one, dict)]
    assert all(len(one) <= 3_000 for one in sections)
    code = "".join(part.strip("`") for one in sections for part in one.split("\n"))
    read = html.unescape(code).replace("\N{MODIFIER LETTER GRAVE ACCENT}", "`")
    assert read.endswith(line)
    assert "approve" in actions(replace(CARD, lines=(line,)))


def test_what_a_card_can_not_show_is_not_approved_with_a_press() -> None:
    """All of it is in a file, which the card names; it can be denied, or approved in words."""
    line = f"change tag={'&' * 5_000}TAIL"
    card = replace(CARD, lines=(line,), beside=(Beside(request="abcdefghijkl-2", shown="x"),))
    assert actions(card) == ["deny"]
    told = rendered(line, card)
    assert [file.content for file in told.files] == [line]
    assert told.files[0].name in str(told.posts[0].blocks)
    assert f"approve {CARD.request}" in str(told.posts[0].blocks)


@pytest.mark.parametrize("sign", ["](", "](&", "&", "<", "> <\n", "]:", "x"])
@pytest.mark.parametrize("length", [9_000, 16_000, 40_000])
def test_what_grows_is_measured_as_it_is_sent(sign: str, length: int) -> None:
    """Within the limit and in a few messages, or a file has all of it."""
    text = sign * (length // len(sign))
    told = rendered(text)
    assert len(told.posts) <= 3
    assert max(len(str(post.blocks[0]["text"])) for post in told.posts) <= 12_000
    assert not told.files or told.files[0].content == text


@pytest.mark.parametrize("text", [" " * 20_000, "```\n" * 5_000, "\n" * 17_000])
def test_a_long_text_of_nothing_is_a_message_all_the_same(text: str) -> None:
    """Nothing breaks by it."""
    assert len(rendered(text).posts) == 1


def test_every_message_has_a_name_of_its_own() -> None:
    """On its first block, the same each time; no block has another's."""
    posts = rendered("x " * 7_000, CARD).posts
    assert len({post.block for post in posts}) == len(posts) > 1
    assert posts == rendered("x " * 7_000, CARD).posts
    for post in posts:
        ids = [block["block_id"] for block in post.named if "block_id" in block]
        assert ids[0] == post.block
        assert len(ids) == len(set(ids))


MARKS = st.sampled_from(["<", ">", "&", "`", "```", "[", "](", "|", "*", "\n", "!here", "@U1", "é"])


@given(st.lists(st.one_of(MARKS, st.text(max_size=8)), max_size=60).map("".join))
def test_19_whatever_is_written_can_begin_no_markup(text: str) -> None:
    """No < is left, whatever the text; nothing of it breaks the rendering."""
    card = replace(CARD, title=text, lines=(text,), options=(text,), args=text, expires_at=None)
    for post in (*rendered(text).posts, *rendered("", card).posts):
        assert "<" not in post.text
        assert "<" not in str([block.get("text") for block in post.blocks])


@given(st.text(alphabet="ab &<`\n", max_size=200).map(lambda text: text * 300))
def test_what_is_sent_is_within_slacks_limits(text: str) -> None:
    """50 blocks, 12,000 characters of Markdown, 40,000 of text."""
    for post in rendered(text).posts:
        assert len(post.blocks) <= 50
        assert len(post.text) <= 40_000
        assert sum(len(str(b["text"])) for b in post.blocks if b["type"] == "markdown") <= 12_000


def test_a_bare_fence_that_becomes_a_file_leaves_nothing_behind() -> None:
    """Opened and closed by the same signs, it ends where it is closed."""
    code = "\n".join(f"line {number}" for number in range(900))
    found = rendered(f"before\n```\n{code}\n```\nafter")
    assert "```" not in str([post.blocks for post in found.posts])
    assert [file.content for file in found.files] == [code]
