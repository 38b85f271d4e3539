"""What reading a thread costs: telling a long story, and finding whose words a message holds.

Figures are printed, nothing is asserted about them.
"""

import time

from bot import context
from bot.provenance import segments
from tests.logs import Log

ENTRIES = 120
RUNS = 20
PIECES = ("word ", "> a\n", "```a\n", "<a ", "2026-01-02 03:04:05 ERROR x\n", "a.b/", "\n")


def test_telling_a_story() -> None:
    """A story of 120 entries as blocks, and whether it is due for a checkpoint."""
    log = Log()
    while len(log.story) < ENTRIES:
        log.look(log.hear("how is <api>?"), "status", "up & well\n" * 12)
    turn = log.thread.turns[0]
    context.words(log.thread, turn)
    begun = time.perf_counter()
    for _ in range(RUNS):
        context.words(log.thread, turn)
        context.due(log.thread)
    print(f"\n{ENTRIES} entries told: {(time.perf_counter() - begun) / RUNS * 1000:.2f} ms")


def test_whose_words_a_long_message_holds() -> None:
    """A hundred thousand characters of one piece, again and again, against half as many."""
    for piece in PIECES:
        whole, half = (_took((piece * 100_000)[:length]) for length in (100_000, 50_000))
        print(f"{piece!r:>36}: {whole * 1000:.0f} ms, {whole / half:.1f} x that of half of it")


def _took(text: str) -> float:
    begun = time.perf_counter()
    segments(text)
    return time.perf_counter() - begun
