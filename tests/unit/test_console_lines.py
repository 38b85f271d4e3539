"""Lines from a pipe or a file: every byte counted, the bad ones told by number."""

import os
from pathlib import Path

import pytest

from bot.cli.lines import Line, Splitter, lines

MOST = 16


def split(*chunks: bytes) -> list[Line]:
    """What the splitter makes of these chunks."""
    splitter = Splitter(MOST)
    found = [line for chunk in chunks for line in splitter.feed(chunk)]
    return [*found, *splitter.end()]


def test_lines_are_numbered_from_one_whatever_the_chunks() -> None:
    """How the bytes arrive makes no difference; blank lines count."""
    whole = split(b"a\n\nb\r\nc")
    assert [(line.number, line.text) for line in whole] == [(1, "a"), (2, ""), (3, "b"), (4, "c")]
    assert split(*(bytes([byte]) for byte in b"a\n\nb\r\nc")) == whole


def test_an_end_of_input_after_a_newline_is_no_line() -> None:
    """A file that ends as files do has no empty line at its end."""
    assert [line.text for line in split(b"a\n")] == ["a"]
    assert split(b"") == []


def test_a_line_that_is_too_long_is_told_and_the_next_is_taken() -> None:
    """Only the long line is lost, wherever its chunks are cut, and memory stays bounded."""
    long = b"x" * (MOST + 1)
    for found in (split(long + b"\nok\n"), split(b"x" * 10, b"x" * 10, b"x" * 99, b"\nok\n")):
        assert [bool(line.fault) for line in found] == [True, False]
        assert "16 bytes" in found[0].fault
        assert (found[1].number, found[1].text) == (2, "ok")


def test_the_longest_line_is_taken() -> None:
    """The limit itself is allowed."""
    assert split(b"x" * MOST + b"\n")[0].fault == ""


def test_a_long_last_line_without_a_newline_is_told() -> None:
    """The end of input does not hide a fault."""
    assert [bool(line.fault) for line in split(b"x" * (MOST + 1))] == [True]


def test_bytes_that_are_no_text_are_told_with_their_place() -> None:
    """The place of the first bad byte is named; the lines around it are taken."""
    found = split(b"a\nb\xff\nc\n")
    assert [line.text for line in found] == ["a", "", "c"]
    assert found[1].fault.startswith("is not UTF-8 at byte 2")


def test_a_byte_order_mark_belongs_to_no_line() -> None:
    """Some editors begin a file with a mark that is no text."""
    assert split(b"\xef\xbb\xbfhelp\n")[0].text == "help"


async def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    """A regular file can not be waited for, and need not be."""
    path = tmp_path / "in"
    path.write_bytes(b"a\nb\n")
    with path.open("rb") as file:
        found = [line.text async for line in lines(file.fileno(), most=MOST)]
    assert found == ["a", "b"]


async def test_a_pipe_hands_over_each_line_as_it_comes() -> None:
    """A line is there before the input has ended."""
    out, into = os.pipe()
    try:
        source = lines(out, most=MOST)
        os.write(into, b"a\nb")
        assert (await anext(source)).text == "a"
        os.write(into, b"c\n")
        assert (await anext(source)).text == "bc"
        os.close(into)
        with pytest.raises(StopAsyncIteration):
            await anext(source)
    finally:
        os.close(out)
