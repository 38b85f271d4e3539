"""What the audit is chained with where nobody gave a secret: made once, and kept in the store.

Whoever can write to the store can read it there: such an audit is only as safe as the store.
"""

import secrets
from typing import cast

from bot.store.client import Client
from bot.store.keys import Keys


async def kept_secret(client: Client, keys: Keys) -> str:
    """The store's own secret. Whichever process makes it first, all have the same."""
    while (found := await client.command("GET", keys.secret)) is None:
        await client.command("SET", keys.secret, secrets.token_hex(32), "NX")
    return cast("bytes", found).decode()
