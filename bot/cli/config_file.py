"""Writing into the configuration, with everything else in it left as it stands."""

from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table

from bot.cli.files import load, replace


def add_admin(path: Path, name: str, channel: str, native: str) -> None:
    """`name` has that id on the channel and the role `admin`, whatever they had. Raises `Fault`."""
    told = tomlkit.parse(load(path).decode())
    people = told.setdefault("people", tomlkit.table(is_super_table=True))
    person = people.get(name)
    if not isinstance(person, Table):
        person = tomlkit.table()
        people[name] = person
    person[channel] = native
    roles = [str(role) for role in person.get("roles", [])]
    if "admin" not in roles:
        person["roles"] = [*roles, "admin"]
    _write(path, told)


def put(path: Path, table: str, **values: str | bool) -> None:
    """Set these in `[table]`; what else it has stays. Raises `Fault`."""
    told = tomlkit.parse(load(path).decode())
    found = told.get(table)
    if not isinstance(found, Table):
        found = tomlkit.table()
        told[table] = found
    for name, value in values.items():
        found[name] = value
    _write(path, told)


def _write(path: Path, told: TOMLDocument) -> None:
    replace(path, tomlkit.dumps(told).encode())
