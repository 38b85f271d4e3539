"""What is known of a mail when the SMTP server goes away around it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from channels.email import smtp
from channels.email.outbound import Letter
from channels.email.settings import Server
from channels.email.smtp import NotSent
from channels.port import SendUnclear

LETTER = Letter(
    message_id="m@ops.example",
    sender="bot@ops.example",
    recipients=("bob@shop.example",),
    data=b"Subject: x\r\n\r\nhi\r\n",
)


@asynccontextmanager
async def serving(at_data: str, at_end: str) -> AsyncIterator[int]:
    """A server that answers so; "" hangs up without a word, "silence" says nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = {"EHLO": "250 ok", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": at_data}
        writers.append(writer)
        try:
            writer.write(b"220 hi\r\n")
            while line := (await reader.readline()).decode():
                told = answers.get(line[:4], "250 ok")
                if line == ".\r\n":
                    told = at_end
                elif at_data.startswith("354") and line[:4] not in answers:
                    continue
                if not told:
                    break
                if told != "silence":
                    writer.write(f"{told}\r\n".encode())
        except ConnectionError:
            pass
        finally:
            writer.close()
            ended.set()

    writers: list[asyncio.StreamWriter] = []
    ended = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for one in writers:
            one.close()
        await ended.wait()


async def handed_over(port: int) -> tuple[str, ...]:
    """Somebody sends the letter there."""

    async def begins() -> bool:
        return False

    there = Server(host="127.0.0.1", port=port, security="plain", timeout=0.5)
    return await smtp.hand_over(there, LETTER, begins)


@pytest.mark.parametrize("at_data", ["", "silence", "421 closing", "250 what"])
async def test_before_the_mail_goes_out_it_is_surely_not_sent(at_data: str) -> None:
    """The server never said that it may come, so a later try sends it once."""
    async with serving(at_data, "250 ok") as port:
        with pytest.raises(NotSent) as told:
            await handed_over(port)
    assert told.value.transient


async def test_a_refusal_of_all_data_is_for_good() -> None:
    """5xx at the command."""
    async with serving("554 no", "250 ok") as port:
        with pytest.raises(NotSent) as told:
            await handed_over(port)
    assert not told.value.transient


@pytest.mark.parametrize("at_end", ["", "silence", "what?", "354 what"])
async def test_behind_the_mail_nobody_knows(at_end: str) -> None:
    """It may have been taken."""
    async with serving("354 go", at_end) as port:
        with pytest.raises(SendUnclear):
            await handed_over(port)


async def test_a_mail_that_is_taken_is_sent() -> None:
    """Nobody is refused."""
    async with serving("354 go", "250 queued") as port:
        assert await handed_over(port) == ()
