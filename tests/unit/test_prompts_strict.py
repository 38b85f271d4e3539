"""What is wrong with a prompt's file, or with what it is told, is one line that names it."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.library import ModelChoice, PromptError, Value, read_prompt, render

HEAD = {
    "name": '"poet"',
    "version": "3",
    "model": '{ key = "poet", default = "some-model-1" }',
    "effort": '"low"',
    "max_tokens": "512",
    "steps": '["reply", "ask"]',
    "cap": "2",
}


def written(body: str = "Write for {{ bot }}.", **changed: str | None) -> bytes:
    """A file with this body and a good head, some of whose keys are changed or (None) left out."""
    head = {key: value for key, value in {**HEAD, **changed}.items() if value is not None}
    lines = "\n".join(f"{key} = {value}" for key, value in head.items())
    return f"+++\n{lines}\n+++\n\n{body}\n".encode()


def rendered(body: str, values: Mapping[str, Value]) -> str:
    """The text of a prompt with this body."""
    return render(read_prompt(written(body), "poet.md"), values)


def test_a_whole_file() -> None:
    """Everything that the file says stands in the prompt."""
    prompt = read_prompt(written(), "poet.md")
    assert (prompt.name, prompt.version, prompt.cap, prompt.max_tokens) == ("poet", 3, 2, 512)
    assert prompt.model == ModelChoice(key="poet", default="some-model-1")
    assert (prompt.effort, prompt.steps) == ("low", ("reply", "ask"))
    assert (prompt.body, sorted(prompt.variables)) == ("Write for {{ bot }}.", ["bot"])
    assert read_prompt(written(effort='"none"'), "poet.md").effort is None


def test_line_ends_do_not_matter() -> None:
    """A file with the other kind of line ends has the same text, and a hash of its own."""
    one, other = (
        read_prompt(data, "poet.md")
        for data in (written("a\nb"), written("a\nb").replace(b"\n", b"\r\n"))
    )
    assert one.body == other.body == "a\nb"
    assert one.sha256 != other.sha256


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (written(author='"me"'), "author: there is no such key"),
        (written(cap=None), "cap: is missing"),
        (written(model='"poet"'), "model: "),
        (written(model='{ key = "poet" }'), "model.default: is missing"),
        (written(model='{ key = "poet", default = "m", x = 1 }'), "model.x: there is no such key"),
        (written(version='"3"'), "version: "),
        (written(version="0"), "version: "),
        (written(version="true"), "version: "),
        (written(max_tokens="1.5"), "max_tokens: "),
        (written(effort='"huge"'), "effort: "),
        (written(steps="[]"), "steps: "),
        (written(steps='["reply", "sing"]'), "steps.1: "),
        (written(steps='["reply", "reply"]'), "steps: names a step twice"),
        (written(name='"The Poet"'), "name: "),
        (written(name="poet"), "its head is not TOML"),
        (written(""), "says nothing after its head"),
        (b"Write.", r"must begin with its head between two lines \+\+\+"),
        (b"", "must begin with its head"),
        (b"+++\nname = 1", "must begin with its head"),
        (b"\xff", "is not UTF-8"),
        (written("{{ bot"), "line 1 after its head: "),
        (written("\n\n{% if bot %}"), "line 1 after its head: "),
        (written("{{ bot | random }}"), "line 1 after its head: No filter named 'random'"),
        (written("{{ bot is sameas bot }}"), "line 1 after its head: No test named 'sameas'"),
        (written("{% include 'other.md' %}"), "must not include or import another file"),
        (written("{% import bot as b %}"), "must not include or import another file"),
    ],
)
def test_unfit_files(data: bytes, complaint: str) -> None:
    """A bad file is told with its name and the key or line to mend, in one line."""
    with pytest.raises(PromptError, match=rf"^poet\.md: {complaint}") as caught:
        read_prompt(data, "poet.md")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "values", "complaint"),
    [
        ("{{ bot }}", {}, "needs a value for bot"),
        ("{% if asker %}{{ bot }}{% endif %}", {"bot": "b"}, "needs a value for asker"),
        ("Hello", {"bot": "b"}, "does not use bot"),
        ("{{ bot.name }}", {"bot": "b"}, ".*has no attribute 'name'"),
        ("{{ bot.__class__ }}", {"bot": "b"}, ".*'__class__'.*unsafe"),
        ("{{ bot.upper.__globals__ }}", {"bot": "b"}, ".*has no attribute"),
        ("{{ bot.append('x') }}", {"bot": ["b"]}, ".*'append'.*unsafe"),
        ("{{ bot % 0 }}", {"bot": "b"}, "cannot be rendered"),
        ("{{ range(3) }}", {}, "needs a value for range"),
        ("{{ lipsum() }}", {}, "needs a value for lipsum"),
    ],
)
def test_unfit_values(body: str, values: Mapping[str, Value], complaint: str) -> None:
    """What is missing, unused, or no business of a template's is an error that names the file."""
    with pytest.raises(PromptError, match=rf"^poet\.md: {complaint}"):
        rendered(body, values)


@pytest.mark.parametrize("value", [None, 1, {"a"}, {"a": "b"}, object(), [1], b"bytes"])
def test_only_words_go_in(value: object) -> None:
    """Nothing that might print itself differently the next time gets into a prompt."""
    values: dict[str, Value] = {"bot": value}  # type: ignore[dict-item]
    with pytest.raises(PromptError, match="bot: must be a text, or a list of texts"):
        rendered("{{ bot }}", values)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_values_stay_on_their_line(bot: str, tools: list[str]) -> None:
    """No value can begin a line, a section or a template of its own; the same gives the same."""
    body = "For {{ bot }}.\n{% for line in tools %}\n- {{ line }}\n{% endfor %}\nThe end."
    text = rendered(body, {"bot": bot, "tools": tools})
    assert text == rendered(body, {"bot": bot, "tools": tools})
    lines = [f"For {' '.join(bot.split())}.", *(f"- {' '.join(each.split())}" for each in tools)]
    assert text == "\n".join([*lines, "The end."])
