"""The names that stand for people in the settings: persons, roles and rotas."""

from bot.faults import nearest
from bot.tables import Tables


def groups(tables: Tables) -> set[str]:
    """Every name that stands for somebody."""
    roles = (role for one in tables.people.values() for role in one.roles)
    return {*tables.people, *roles, *tables.rotas}


def nobody(name: str, tables: Tables) -> str:
    """What to mend about a name that stands for nobody."""
    hint = nearest(name, groups(tables)) or ", give somebody that role"
    return f"nobody is {name!r} or has that role{hint}"
