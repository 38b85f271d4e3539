"""Asking people, as stories begin with it."""

import re

from tests.house import House

SHORT = 'approve = { by = "operator", expire = "1s" }'
"""An approval that is open for a second only."""


async def asked_for(house: House, tag: str, *, thread: str = "") -> str:
    """Alice asks for a change; the id of the request."""
    asked = await house.tell(f"change tag={tag}", thread=thread)
    found = re.search(r"[a-z2-7]{12}-\d+", await house.answer(asked))
    assert found is not None
    return found[0]
