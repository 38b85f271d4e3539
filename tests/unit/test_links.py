"""Links that say where they lead, on every channel, whatever a text does with its fences."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from channels.discord.markup import shown
from channels.email.bodies import rich
from channels.links import honest
from channels.port import Address, Outbound
from channels.slack.blocks import markdown

LINK = "[good](https://evil.example)"
FENCES = [
    f"- see:\n   ```\n{LINK}",
    f"1. x\n   ```\n\n{LINK}\n",
    f"```\na\n```\u00a0\n```\n{LINK}\n",
    f"```\na\n```\r{LINK}\n",
    f"```\r\na\r\n```\r\n{LINK}",
    f"> ```\n{LINK}",
    "- a\n  ```\n[good]\n\n[good]: https://evil.example",
    f"```\na```\n{LINK}",
    f"~~~\n{LINK}\n~~~",
]
PIECES = st.sampled_from(
    [
        *(LINK, "[r]: https://evil.example", "[r]", "```", "```py", "~~~", "````", "`"),
        *("- a", "1. b", "> q", "   ", "\n", "\n", "\r", "\u00a0", "\u2028", "\x0b", "\\", "x"),
    ]
)
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@pytest.mark.parametrize("text", FENCES)
def test_no_fence_hides_where_a_link_leads(text: str) -> None:
    """One that a list or a quote ends, one that only seems closed, one of another dialect."""
    email = rich(Outbound(key="k", address=Address(channel="email", room="x"), text=text))
    assert "<a " not in email
    for said in (honest(text), shown(text), str(markdown(text)["text"])):
        assert "](" not in said
        assert "]:" not in said


def test_code_stays_as_it_is() -> None:
    """In a fence that every reader takes for one; behind it, a link is opened again."""
    code = "```py\na[0](x)\n```"
    assert honest(f"{code}\n{LINK}") == f"{code}\n[good] (https://evil.example)"


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_is_written_no_words_stand_for_an_address(text: str) -> None:
    """As a reader of Markdown shows it."""
    for link, words in re.findall(r'<a href="([^"]*)">(.*?)</a>', _MARKDOWN.render(honest(text))):
        assert words in link
