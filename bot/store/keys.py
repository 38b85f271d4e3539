"""Names of the store's keys, and of threads.

All keys of one bot share a hash tag, so that one script may touch any of them and a cluster keeps
them on one node. What is under `x:` is execution state: it can be thrown away and rebuilt.
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from bot.store.port import StoreError

BOT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def thread_id(reference: str) -> str:
    """The id of the thread that this reference opens: 12 characters of a-z and 2-7."""
    digest = hashlib.sha256(reference.encode("utf-8", "replace")).digest()
    return base64.b32encode(digest)[:12].decode().lower()


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key of one bot; `of` makes them from the bot's name.

    audit: stream of rows, `r` the row and `m` its MAC. noting: hash of the chain of what concerns
    the whole bot, `au` how many rows it has and `am` the last MAC. secret: string, what the audit
    is chained with where nobody gave a secret; made once, kept for good. owing: sorted set of
    threads that owe an answer, by since when (ms).
    """

    prefix: str
    index: str
    cursors: str
    audit: str
    noting: str
    secret: str
    queue: str
    bell: str
    dead: str
    about: str
    waiting: str
    owing: str

    @staticmethod
    def of(bot: str) -> "Keys":
        """Raises `StoreError` if the name can not be part of a key."""
        if not BOT_NAME.fullmatch(bot):
            raise StoreError(
                f"the bot's name {bot!r} does not fit: up to 64 letters, digits, '.', '_' and '-'"
            )
        prefix = f"wk:{{{bot}}}:"
        return Keys(
            prefix=prefix,
            index=prefix + "threads",
            cursors=prefix + "cursors",
            audit=prefix + "audit",
            noting=prefix + "audit:h",
            secret=prefix + "secret",
            queue=prefix + "x:queue",
            bell=prefix + "x:bell",
            dead=prefix + "x:dead",
            about=prefix + "x:about",
            waiting=prefix + "x:waiting",
            owing=prefix + "x:owing",
        )

    # --- business
    def events(self, thread: str) -> str:
        """Stream of a thread's events; the entry id is `<seq>-0`."""
        return f"{self.prefix}t:{thread}:e"

    def meta(self, thread: str) -> str:
        """Hash of a thread: `v` its version, `au` up to where it is audited, `am` the last MAC."""
        return f"{self.prefix}t:{thread}:h"

    def snapshot(self, thread: str) -> str:
        """Hash: `v` the version folded, `d` the bytes."""
        return f"{self.prefix}t:{thread}:s"

    def alias(self, reference: str) -> str:
        """String: the thread that a reference names."""
        return f"{self.prefix}a:{reference}"

    def deduped(self, day: int) -> str:
        """Hash of one day (since 1970, UTC): dedupe id -> "<seq> <thread>"."""
        return f"{self.prefix}d:{day}"

    def deduped_alone(self, dedupe: str) -> str:
        """String of one dedupe id that lives by its own time: "<seq> <thread>"."""
        return f"{self.prefix}d:{dedupe}"

    def kept(self, sha256: str) -> str:
        """String: the bytes of that hex SHA-256, kept for good."""
        return f"{self.prefix}k:{sha256}"

    def tally(self, name: str) -> str:
        """Sorted set of what is counted under a name, for as long as it matters."""
        return f"{self.prefix}r:{name}"

    def pace(self, room: str) -> str:
        """String of a room: when it takes the next message (ms)."""
        return f"{self.prefix}x:pace:{room}"

    # --- money: a counter is a hash of micro-dollars, `s` spent or booked, `r` its cap's raises
    def spent_on(self, thread: str) -> str:
        """Counter of a thread."""
        return f"{self.prefix}t:{thread}:m"

    def spent_by(self, person: str, day: int) -> str:
        """Counter of a person on one day (since 1970, UTC)."""
        return f"{self.prefix}m:p:{day}:{person}"

    def spent_in(self, day: int) -> str:
        """Counter of the whole bot on one day (since 1970, UTC)."""
        return f"{self.prefix}m:d:{day}"

    def booking(self, call: str) -> str:
        """Hash of a call: `t` thread, `p` person, `d` day, `b` booked, `c` its cost if settled."""
        return f"{self.prefix}m:c:{call}"

    def raised(self, key: str) -> str:
        """String that tells a repeated raise of a cap."""
        return f"{self.prefix}m:r:{key}"

    # --- execution
    def run(self, thread: str) -> str:
        """Hash: who holds the thread (see scripts/common.lua)."""
        return f"{self.prefix}x:t:{thread}"

    def timers(self, thread: str) -> str:
        """Sorted set: timer id by when it is due (ms)."""
        return f"{self.prefix}x:t:{thread}:timers"

    def noted(self, token: str) -> str:
        """String that tells a repeated audit row."""
        return f"{self.prefix}x:n:{token}"
