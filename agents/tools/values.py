"""What a runbook's arguments may be: strict, since they become words of a program's command line.

No shell ever reads them; what a shell would read is refused all the same, so that a program which
hands its arguments on to one is not surprised.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator

from agents.choice import NO_ALIASES, OneOf
from agents.port import Service
from agents.usage import arguments
from agents.words import invisible

KINDS = ("service", "environment", "text", "integer", "boolean")
"""What a param may be, if it is not a tuple of choices."""

Params = Mapping[str, str | tuple[str, ...]]

_PARAM = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_LONGEST_TEXT = 1_000
_LARGEST = 2**63 - 1
# Control and format characters (the joiners too), surrogates, line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHELL = re.compile(r"^\$|\$[^\s0-9]|`")


def unfit_word(value: str) -> str:
    """Why the value can not be a choice, or "" if it can."""
    if value != value.strip():
        return "has spaces around it"
    if any(c in value for c in "$`"):
        return "holds a $ or a backtick"
    return _unfit(value)


def unfit_text(value: str) -> str:
    """Why the value can not be free text, or "" if it can."""
    if _SHELL.search(value):
        return "must not begin with $, nor hold a backtick or things like $NAME and $(…)"
    return _unfit(value)


def params_model(name: str, params: Params, services: Sequence[Service]) -> type[BaseModel]:
    """The schema of a runbook's arguments: every one is required, but a boolean, which is no.

    An environment must be one of the chosen service. Raises `ValueError` for params that can not
    be: an unknown kind, a choice that is no word, no service to choose from.
    """
    fields = {f"arg_{param}": _field(param, kind, services) for param, kind in params.items()}
    owner, places = _of_kind(params, "service"), _of_kind(params, "environment")
    if places and len(owner) > 1:
        raise ValueError("has an environment, and more than one service that it could be of")
    base = _paired(owner[0], places, services) if owner else _Runbook
    return create_model(
        name,
        __base__=base,
        __config__=None,
        __doc__=None,
        __module__=__name__,
        __validators__=None,
        __namespace__=None,
        __cls_kwargs__=None,
        __qualname__=None,
        **fields,
    )


class _Runbook(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _paired(owner: str, places: Sequence[str], services: Sequence[Service]) -> type[_Runbook]:
    environments = {service.name: service.environments for service in services}

    class Paired(_Runbook):
        @model_validator(mode="after")
        def _belongs(self) -> "Paired":
            args = arguments(self)
            service = str(args[owner])
            for place in places:
                if args[place] not in environments[service]:
                    has = ", ".join(environments[service]) or "none"
                    raise ValueError(f"{service} has no {place} {args[place]}, it has: {has}")
            return self

    return Paired


def _field(
    param: str, kind: str | tuple[str, ...], services: Sequence[Service]
) -> tuple[type[object], object]:
    if not _PARAM.fullmatch(param):
        raise ValueError(f"param {param!r} must be lower case letters, digits and _")
    if kind == "integer":
        return int, Field(alias=param, ge=0, le=_LARGEST)
    if kind == "boolean":
        return bool, Field(alias=param, default=False)
    info = Field(alias=param)
    if kind == "text":
        info.metadata.append(AfterValidator(_checked_text))
    else:
        choices = _choices(param, kind, services)
        aliases = _aliases(param, services) if kind == "service" else NO_ALIASES
        info.metadata.append(OneOf(choices, aliases))
    return str, info


def _choices(
    param: str, kind: str | tuple[str, ...], services: Sequence[Service]
) -> tuple[str, ...]:
    if kind == "service":
        choices = tuple(service.name for service in services)
    elif kind == "environment":
        every = (place for service in services for place in service.environments)
        choices = tuple(dict.fromkeys(every))
    elif isinstance(kind, tuple):
        choices = kind
    else:
        raise ValueError(f"param {param} must be one of {', '.join(KINDS)}, not {kind!r}")
    if not choices:
        raise ValueError(f"param {param} has nothing to choose from")
    if len({choice.lower() for choice in choices}) < len(choices):
        raise ValueError(f"param {param} has a choice twice")
    for choice in choices:
        if fault := unfit_word(choice):
            raise ValueError(f"param {param}: the choice {choice!r} {fault}")
    return choices


def _aliases(param: str, services: Sequence[Service]) -> dict[str, str]:
    """Other words for services, none of which may stand for two of them."""
    owners = {service.name.lower(): service.name for service in services}
    for service in services:
        for alias in service.aliases:
            owner = owners.setdefault(alias.lower(), service.name)
            if owner != service.name:
                raise ValueError(f"param {param}: {alias!r} is {owner} as well as {service.name}")
    return owners


def _of_kind(params: Params, kind: str) -> list[str]:
    return [param for param, each in params.items() if each == kind]


def _checked_text(value: str) -> str:
    value = value.strip()
    if fault := unfit_text(value):
        raise ValueError(fault)
    return value


def _unfit(value: str) -> str:
    if not value:
        return "is empty"
    if value.startswith("-"):
        return "must not begin with -"
    if len(value) > _LONGEST_TEXT:
        return f"is longer than {_LONGEST_TEXT} characters"
    if invisible(value) or any(unicodedata.category(c) in _UNPRINTABLE for c in value):
        return "must be one line without control or invisible characters"
    return ""
