"""What commands print: lists that tell all that is needed, JSON that steers no terminal."""

import json
from datetime import UTC, datetime

import pytest

from bot.about import Open
from bot.cli.listing import one_line
from bot.cli.output import json_line

UNCLEAR = Open(
    id="abcdefghijkl-1",
    kind="question",
    shown="run '--a=1   2': it was started. Please check, then say which.",
    asked_by=("ann",),
    deciders=("ann", "bob"),
    quorum=1,
    votes=(),
    options=("done", "not done", "run again"),
    expires_at=datetime(2026, 3, 1, 10, 30, tzinfo=UTC),
)


def test_a_question_is_listed_with_its_options_and_every_space() -> None:
    """Whoever reads the list can answer, and sees what ran as it ran."""
    assert one_line(UNCLEAR) == (
        "abcdefghijkl-1  run '--a=1   2': it was started. Please check, then say which."
        " [done | not done | run again]"
        " (ann or bob, asked by ann, until 2026-03-01T10:30:00.000Z)"
    )


@pytest.mark.parametrize(
    "evil", ["\x9b31m", "\x7f", "\x85", "\x1b[2J", "\u202e", "\u2066", "\u2028", "\u061c"]
)
def test_json_can_not_steer_the_terminal(evil: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of every kind are escaped; whoever reads the JSON has them unchanged."""
    json_line({f"key{evil}": f"Ü{evil}日"})
    shown = capsys.readouterr().out
    assert shown.removesuffix("\n").isprintable()
    assert "Ü" in shown
    assert json.loads(shown) == {f"key{evil}": f"Ü{evil}日"}
