"""The tables of watchkeeper.toml about one process: its console, and what it logs."""

from typing import Literal

from pydantic import BaseModel, StrictBool

from bot.shapes import STRICT


class Console(BaseModel):
    """`[console]`. `impersonate`: `chat --as NAME` is allowed, to try things out."""

    model_config = STRICT

    impersonate: StrictBool = False


class Log(BaseModel):
    """`[log]`. `format`: of what goes to stderr; "auto": for people on a terminal, else JSON.

    `texts`: what people and tools said is logged as well, not only how long it is.
    """

    model_config = STRICT

    format: Literal["auto", "json", "human"] = "auto"
    texts: StrictBool = False
