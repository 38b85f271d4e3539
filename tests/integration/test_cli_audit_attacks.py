"""What somebody does to the audit who has the store and not the secret: `audit verify` names it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

import pytest
from pydantic import JsonValue
from redis.asyncio import Redis

from bot import audit
from bot.settings import load
from bot.store.keys import Keys, thread_id
from bot.wiring import connect
from tests.cli_house import Cli
from tests.house import House
from tests.keys import raw

KEYS = Keys.of("watchkeeper")
Entries = list[tuple[bytes, dict[bytes, bytes]]]


@dataclass(frozen=True)
class Attacker:
    """A plain client, and what the audit looked like before."""

    client: Redis
    thread: str
    rows: list[dict[str, JsonValue]]

    def row(self, kind: str) -> dict[str, JsonValue]:
        """The first row of a kind."""
        return next(row for row in self.rows if row["kind"] == kind)

    async def entries(self, stream: str) -> Entries:
        """What a stream holds."""
        return cast("Entries", await self.client.xrange(stream))

    async def write(self, stream: str, entries: Entries) -> None:
        """The stream anew, with the same ids: an entry can not be changed in its place."""
        await self.client.delete(stream)
        for name, held in entries:
            words = [word for pair in held.items() for word in pair]
            await self.client.execute_command("XADD", stream, name, *words)  # type: ignore[no-untyped-call]

    async def change(self, stream: str, name: str, old: bytes, new: bytes) -> None:
        """Other bytes in one entry."""
        entries = await self.entries(stream)
        for number, (entry, held) in enumerate(entries):
            if entry.decode() == name:
                assert old in b" ".join(held.values())
                changed = {key: value.replace(old, new) for key, value in held.items()}
                entries[number] = (entry, changed)
        await self.write(stream, entries)


def attacked(cli: Cli, attack: Callable[[Attacker], Awaitable[None]]) -> str:
    """Somebody asks for a run and approves it, then the attacker comes; the head before that."""
    settings = load({"WATCHKEEPER_DATA_DIR": str(cli.data)}, cli.folder, cli.user)
    thread = thread_id(f"console:{cli.user}")

    async def talk() -> None:
        async with connect(settings) as store:
            house = House(settings, store)
            house.hire()
            await house.ask("restart service=api env=staging", cli.user)
            await house.ask(f"approve {thread}-1", cli.user)
            await house.rest()

    async def come() -> None:
        async with raw(settings) as client:
            await attack(Attacker(client, thread, rows))

    asyncio.run(talk())
    head = cli("audit", "head").out.strip()
    assert cli("audit", "verify", "--anchor", head).code == 0
    rows = cli("audit", "--json").rows
    asyncio.run(come())
    return head


def named(cli: Cli, *options: str) -> list[tuple[JsonValue, JsonValue, str]]:
    """The rows that `audit verify` finds, each with what it says of it."""
    ran = cli("audit", "verify", *options)
    assert ran.code == 1
    (found,) = cli("audit", "verify", *options, "--json").rows
    faults = cast("list[dict[str, JsonValue]]", found["faults"])
    assert (found["ok"], len(ran.out.splitlines()) >= len(faults)) == (False, True)
    return [(fault["seq"], fault["id"], str(fault["fault"])) for fault in faults]


def test_one_byte_of_an_event(cli: Cli) -> None:
    """Another exit code in the log than the one that was recorded."""

    async def attack(on: Attacker) -> None:
        seq = on.row("tool_returned")["seq"]
        log = KEYS.events(on.thread)
        await on.change(log, f"{seq}-0", b'"exit_code":0', b'"exit_code":1')

    attacked(cli, attack)
    ((seq, name, told),) = named(cli)
    row = next(row for row in cli("audit", "--json").rows if row["kind"] == "tool_returned")
    assert (seq, name) == (row["seq"], row["id"])
    assert told == "the event in the log is not that tool_returned"


def test_one_byte_of_a_row(cli: Cli) -> None:
    """Somebody else approved it, if one believes the row."""

    async def attack(on: Attacker) -> None:
        given = on.row("approval_given")
        await on.change(KEYS.audit, str(given["id"]), b'"person":"me"', b'"person":"he"')

    attacked(cli, attack)
    ((seq, name, told),) = named(cli)
    row = next(row for row in cli("audit", "--json").rows if row["kind"] == "approval_given")
    assert (seq, name, row["person"]) == (row["seq"], row["id"], "he")
    assert told.startswith("its MAC does not fit")


def test_a_row_removed(cli: Cli) -> None:
    """Nobody approved it: the next row misses it, and so does the log."""
    gone: list[dict[str, JsonValue]] = []

    async def attack(on: Attacker) -> None:
        gone.append(on.row("approval_given"))
        await on.client.xdel(KEYS.audit, str(gone[0]["id"]))

    attacked(cli, attack)
    (_, name, _), missing = named(cli)
    follower = next(row for row in cli("audit", "--json").rows if row["kind"] == "tool_started")
    assert name == follower["id"]
    assert missing == (gone[0]["seq"], "", "there is no row for this approval_given")


def test_two_rows_swapped(cli: Cli) -> None:
    """It ran before it was approved."""

    async def attack(on: Attacker) -> None:
        entries = await on.entries(KEYS.audit)
        names = [str(on.row(kind)["id"]).encode() for kind in ("approval_given", "tool_started")]
        one, other = (next(n for n, (name, _) in enumerate(entries) if name == w) for w in names)
        held = (entries[one][1], entries[other][1])
        entries[one], entries[other] = (entries[one][0], held[1]), (entries[other][0], held[0])
        await on.write(KEYS.audit, entries)

    attacked(cli, attack)
    found = named(cli)
    rows = {row["kind"]: row for row in cli("audit", "--json").rows}
    assert (rows["approval_given"]["seq"], rows["approval_given"]["id"]) in [
        fault[:2] for fault in found
    ]
    assert f"it stands behind the row for {rows['tool_started']['seq']}" in [
        told for _, _, told in found
    ]


def test_a_tail_cut(cli: Cli) -> None:
    """Everything from the approval on never was: not to be seen but for who kept a head."""

    async def attack(on: Attacker) -> None:
        given = on.row("approval_given")
        before = [row for row in on.rows if str(row["id"]) < str(given["id"])]
        await on.write(KEYS.audit, (await on.entries(KEYS.audit))[: len(before)])
        log = (await on.entries(KEYS.events(on.thread)))[: cast("int", given["seq"]) - 1]
        await on.write(KEYS.events(on.thread), log)
        told = {"v": len(log), "au": len(log), "am": str(before[-1]["mac"])}
        for field, value in told.items():
            await on.client.hset(KEYS.meta(on.thread), field, str(value))

    anchor = attacked(cli, attack)
    assert cli("audit", "verify").code == 0
    ((seq, name, told),) = named(cli, "--anchor", anchor)
    last = cli("audit", "--json").rows[-1]
    assert (seq, name) == (last["seq"], last["id"])
    assert re.fullmatch(r"of \d rows up to the anchor \d+-\d+, \d are gone", told)


def test_rows_chained_anew(cli: Cli) -> None:
    """A whole history, in itself without a fault, of somebody who has to guess the secret."""

    async def attack(on: Attacker) -> None:
        key, mac = audit.key("guessed", "watchkeeper"), ""
        entries = await on.entries(KEYS.audit)
        for number, (name, held) in enumerate(entries):
            row = held[b"r"].replace(b'"person":"me"', b'"person":"he"')
            mac = audit.mac(key, mac, row)
            entries[number] = (name, {b"r": row, b"m": mac.encode()})
        await on.write(KEYS.audit, entries)
        await on.client.hset(KEYS.meta(on.thread), "am", mac)

    attacked(cli, attack)
    rows = cli("audit", "--json").rows
    assert [(seq, name) for seq, name, _ in named(cli)] == [(row["seq"], row["id"]) for row in rows]


@pytest.mark.parametrize("field", ["au", "am"])
def test_what_the_store_remembers_of_a_chain(cli: Cli, field: str) -> None:
    """A chain that is made to end elsewhere, so that the next row would follow another one."""

    async def attack(on: Attacker) -> None:
        value = on.rows[0]["seq" if field == "au" else "mac"]
        await on.client.hset(KEYS.meta(on.thread), field, str(value))

    attacked(cli, attack)
    last = cli("audit", "--json").rows[-1]
    assert (last["seq"], last["id"]) in [fault[:2] for fault in named(cli)]


def test_rows_of_a_thread_that_is_gone(cli: Cli) -> None:
    """A log that was thrown away is missed by its rows."""

    async def attack(on: Attacker) -> None:
        await on.client.delete(KEYS.events(on.thread), KEYS.meta(on.thread))

    attacked(cli, attack)
    assert "its event is not in the thread's log" in [told for _, _, told in named(cli)]
