"""A long text in few words, for a model: its beginning and its end, and what was left out."""

FIRST, LAST = 6, 12
WIDEST = 160
MOST = 1_600
"""Lines kept of the beginning and of the end, characters of one line, and of all of it."""


def brief(text: str) -> str:
    """The text with runs of equal lines told once, long lines and the middle cut."""
    lines = _without_repeats([_narrow(line.rstrip()) for line in text.strip().splitlines()])
    left_out = len(lines) - FIRST - LAST
    if left_out > 1:
        lines = [*lines[:FIRST], f"… {left_out} lines left out …", *lines[-LAST:]]
    said = "\n".join(lines)
    if len(said) <= MOST:
        return said
    half = MOST // 2
    return f"{said[:half]}\n… {len(said) - 2 * half} characters left out …\n{said[-half:]}"


def _narrow(line: str) -> str:
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"


def _without_repeats(lines: list[str]) -> list[str]:
    told: list[str] = []
    times = 0
    for line in lines:
        if told and line == told[-1]:
            times += 1
            continue
        if times:
            told.append(f"… {times} more like it …")
        told.append(line)
        times = 0
    return [*told, f"… {times} more like it …"] if times else told
