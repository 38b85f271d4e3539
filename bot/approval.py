"""Who must say yes: as the settings have it, and as it is recorded with the call that it is for."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who must say yes. `by`: a role, a rota or a person; `self_`: whether who asked counts too.

    remind: after how long they are reminded, None for never. escalate: who is asked as well half
    way from there to the expiry, "" for nobody. rule: the name of the `[[policy]]` that asks for
    it, "" for the tool's own `approve`.
    """

    by: str
    quorum: int = 1
    self_: bool = False
    expire: timedelta = timedelta(minutes=30)
    remind: timedelta | None = None
    escalate: str = ""
    rule: str = ""
