"""Metadata of an argument that says where a tool goes: only people and config choose that."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Metadata of a pydantic `str`: an agent may not make its value up.

    hint: what stands for it in a usage line. same: the one spelling of all that mean the same;
    raises `ValueError` for what is none. within: whether it leads to one of these hosts, and holds
    nothing besides that could be told to them.
    """

    hint: str
    same: Callable[[str], str]
    within: Callable[[str, frozenset[str]], bool]
