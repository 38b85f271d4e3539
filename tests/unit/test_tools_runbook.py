"""Runbooks before they run: what may be configured, what may be said, what is shown."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from agents.commands import Grammar
from agents.port import CallTool, PlanRefused, Risk, Say, Service, Tool
from agents.tools.argv import filled
from agents.tools.redact import Redactor
from agents.tools.runbook import RunbookSpec, runbook_tool
from agents.usage import usage


@dataclass
class Catalogue:
    known: tuple[Service, ...] = (
        Service(name="api", environments=("staging", "prod")),
        Service(name="Web", environments=("prod",)),
    )

    def services(self) -> tuple[Service, ...]:
        """What it was given."""
        return self.known


RESTART = RunbookSpec(
    name="restart",
    summary="Restart a service",
    argv=("/opt/restart", "--service={service}", "--env={env}"),
    params={"service": "service", "env": "environment"},
    risk=Risk.WRITE,
    timeout=timedelta(seconds=60),
)
NOTE = replace(
    RESTART,
    name="note",
    argv=("/opt/note", "{service}", "--text={text}", "--times={times}", "--loud={loud}", "{how}"),
    params={
        "service": "service",
        "how": ("Softly", "firmly"),
        "times": "integer",
        "loud": "boolean",
        "text": "text",
    },
)


def built(spec: RunbookSpec, catalogue: Catalogue | None = None) -> Tool:
    """The runbook as a tool, with one secret known."""
    return runbook_tool(spec, catalogue or Catalogue(), Redactor(["hunter2secret"]))


def program(folder: Path, text: str = "#!/bin/sh\n") -> str:
    """An executable file."""
    path = folder / "program"
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def with_argv(*words: str, **params: str | tuple[str, ...]) -> RunbookSpec:
    """A runbook of these words."""
    return replace(RESTART, argv=words, params=params)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        (replace(RESTART, name="Restart"), "its name must be lower case words"),
        (replace(RESTART, name="a--b"), "its name must be lower case words"),
        (replace(RESTART, timeout=timedelta()), "must be more than nothing"),
        (with_argv(), "must be the program's absolute path"),
        (with_argv("restart"), "must be the program's absolute path"),
        (with_argv("/opt/{service}", service="service"), "it takes no {param}"),
        (with_argv("/x", "a\0b"), "must not hold a NUL"),
        (with_argv("/x", "{service}"), r"argv\[1\] names 'service', which is not a param"),
        (with_argv("/x", "{}"), r"argv\[1\] names '', which is not a param"),
        (with_argv("/x", service="service"), "param service is not used in argv"),
        (with_argv("/x", "{a", a="text"), "has a lone brace"),
        (with_argv("/x", "{a!r}", a="integer"), "only a param's name in braces"),
        (with_argv("/x", "{a:>9}", a="integer"), "only a param's name in braces"),
        (with_argv("/x", "{a.b}", a="integer"), "'a.b', which is not a param"),
        (with_argv("/x", "{a}", a="text"), r"argv\[1\]: free text must be inside a flag"),
        (with_argv("/x", "-m{a}", a="text"), "free text must be inside a flag"),
        (with_argv("/x", "--{a}=b", a="text"), "free text must be inside a flag"),
        (with_argv("/x", "{a}", a="word"), "param a must be one of service, environment"),
        (with_argv("/x", "{A}", A="integer"), "param 'A' must be lower case"),
        (with_argv("/x", "{a}", a=()), "param a has nothing to choose from"),
        (with_argv("/x", "{a}", a=("x", "X")), "param a has a choice twice"),
        (with_argv("/x", "{a}", a=("-x",)), "the choice '-x' must not begin with -"),
        (with_argv("/x", "{a}", a=("$HOME",)), r"the choice '\$HOME' holds a \$"),
        (with_argv("/x", "{a}", a=("`x`",)), "holds a .* backtick"),
        (with_argv("/x", "{a}", a=("x\ny",)), "must be one line without control or invisible"),
        (with_argv("/x", "{a}", a=("x\0",)), "must be one line without control or invisible"),
        (with_argv("/x", "{a}", a=("",)), "is empty"),
        (
            with_argv("/x", "{a}{b}{e}", a="service", b="service", e="environment"),
            "more than one service",
        ),
        (replace(RESTART, stdin="service"), "which is not a param of the kind text"),
        (replace(RESTART, stdin="nothing"), "which is not a param of the kind text"),
    ],
)
def test_a_runbook_is_checked_when_built(spec: RunbookSpec, complaint: str) -> None:
    """What does not fit together is refused with one line that names the runbook and the place."""
    with pytest.raises(ValueError, match=complaint) as refused:
        built(spec)
    assert str(refused.value).startswith(f"runbook {spec.name}: ")
    assert "\n" not in str(refused.value)


def test_a_catalogue_without_services() -> None:
    """A runbook that acts on a service needs one."""
    with pytest.raises(ValueError, match="param service has nothing to choose from"):
        built(RESTART, Catalogue(()))


def test_what_only_reads_may_run_again() -> None:
    """A read runbook may be repeated after a crash, one that writes may not."""
    assert not built(RESTART).idempotent
    assert built(replace(RESTART, risk=Risk.READ)).idempotent


def test_names_come_from_the_catalogue() -> None:
    """Services, environments and choices are read in any case, and known in the usage."""
    tool = built(NOTE)
    assert usage(tool) == (
        "note service=api|Web how=Softly|firmly times=<number> [--loud] text=<text>"
    )
    step = Grammar([tool]).read("note WEB softly 3 it is done")
    assert step == CallTool(
        tool="note",
        args={"service": "Web", "how": "Softly", "times": 3, "loud": False, "text": "it is done"},
    )


def test_services_have_other_names() -> None:
    """An alias, in any case, is read as the service it stands for; it can not stand for two."""
    api = Service(name="api", environments=("prod",), aliases=("gateway", "api"))
    web = Service(name="web", environments=("prod",), aliases=("site",))
    step = Grammar([built(RESTART, Catalogue((api, web)))]).read("restart Gateway prod")
    assert step == CallTool(tool="restart", args={"service": "api", "env": "prod"})
    with pytest.raises(ValueError, match="'SITE' is web as well as api"):
        built(RESTART, Catalogue((web, replace(api, aliases=("SITE",)))))
    with pytest.raises(ValueError, match="'Web' is web as well as api"):
        built(RESTART, Catalogue((replace(api, aliases=("Web",)), web)))


def test_an_environment_belongs_to_its_service() -> None:
    """Two names that are both known may still not go together."""
    step = Grammar([built(RESTART)]).read("restart web staging")
    assert isinstance(step, Say)
    assert "Web has no env staging, it has: prod." in step.text


def test_params_of_any_name() -> None:
    """Words that mean something to Python or pydantic are ordinary names of params."""
    params = {"in": "integer", "json": "integer", "model_config": "integer", "copy": "integer"}
    tool = built(with_argv("/x", "{in}{json}{model_config}{copy}", **params))
    step = Grammar([tool]).read("restart in=1 json=2 model_config=3 copy=4")
    assert step == CallTool(tool="restart", args={"in": 1, "json": 2, "model_config": 3, "copy": 4})


async def test_a_plan_shows_what_runs(tmp_path: Path) -> None:
    """The line has the call and the exact words, quoted where a value has spaces."""
    path = program(tmp_path)
    spec = replace(NOTE, argv=(path, *NOTE.argv[1:]))
    tool = built(spec)
    plan = await tool.plan(
        tool.params.model_validate(
            {"service": "api", "how": "softly", "times": 1, "text": "it's; all {well}"}
        )
    )
    call = 'note service=api how=Softly times=1 loud=no text="it\'s; all {well}"'
    assert plan.line == (
        f"{call} → {path} api '--text=it'\"'\"'s; all {{well}}' --times=1 --loud=false Softly"
    )
    assert plan.facts["argv"] == [
        path,
        "api",
        "--text=it's; all {well}",
        "--times=1",
        "--loud=false",
        "Softly",
    ]


async def test_a_plan_shows_what_is_read(tmp_path: Path) -> None:
    """Text on stdin is part of what is shown."""
    spec = replace(with_argv(program(tmp_path), text="text"), stdin="text")
    tool = built(spec)
    plan = await tool.plan(tool.params.model_validate({"text": "use it"}))
    assert plan.line.endswith("(stdin: 'use it')")


@pytest.mark.parametrize("stdin", [None, "text"])
@pytest.mark.parametrize(
    "form", ["hunter2secret", "aHVudGVyMnNlY3JldA", "68756E746572327365637265740A"]
)
async def test_a_secret_in_an_argument(tmp_path: Path, stdin: str | None, form: str) -> None:
    """What could not be shown as it would run is refused, and the argument named."""
    words = () if stdin else ("--text={text}",)
    spec = replace(with_argv(program(tmp_path), *words, text="text"), stdin=stdin)
    tool = built(spec)
    params = tool.params.model_validate({"text": f"use {form}"})
    with pytest.raises(PlanRefused) as refused:
        await tool.plan(params)
    told = "the value of text holds a secret of the bot's: leave it out"
    assert str(refused.value) == told


@pytest.mark.parametrize("words", [("--key=hunter2secret",), ("{a}", "--b=hunter{a}secret")])
async def test_a_secret_in_the_command_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No value to blame: the secret stands in the configured words, or only comes about there."""
    params: dict[str, str | tuple[str, ...]] = {"a": "integer"} if len(words) > 1 else {}
    tool = built(with_argv(program(tmp_path), *words, **params))
    with pytest.raises(PlanRefused, match="runbook restart: its command line holds a secret"):
        await tool.plan(tool.params.model_validate(dict.fromkeys(params, 2)))


async def test_the_digest_covers_what_runs(tmp_path: Path) -> None:
    """Another value, another program or another definition is another digest; nothing else is."""
    spec = replace(RESTART, argv=(program(tmp_path), *RESTART.argv[1:]))

    async def digest(spec: RunbookSpec, service: str = "api") -> str:
        tool = built(spec)
        return (
            await tool.plan(tool.params.model_validate({"service": service, "env": "prod"}))
        ).digest

    first = await digest(spec)
    assert await digest(spec, "API") == first
    others = [
        await digest(spec, "web"),
        await digest(replace(spec, timeout=timedelta(seconds=61))),
        await digest(replace(spec, risk=Risk.READ)),
    ]
    program(tmp_path, "#!/bin/sh\n:\n")
    others.append(await digest(spec))
    assert len({first, *others}) == 5


async def test_a_missing_program(tmp_path: Path) -> None:
    """A program that is missing or can not run is refused: its path and the runbook are named."""
    path = tmp_path / "program"
    tool = built(with_argv(str(path)))
    with pytest.raises(PlanRefused, match=f"runbook restart: there is no program {path}"):
        await tool.plan(tool.params())
    path.write_text("#!/bin/sh\n")
    with pytest.raises(PlanRefused, match=f"runbook restart: {path} is not executable"):
        await tool.plan(tool.params())


def test_double_braces_are_plain_ones() -> None:
    """A word that needs braces of its own writes them twice."""
    assert filled(("/x", '{{"a": "{a}"}}'), {"a": "b"}) == ("/x", '{"a": "b"}')
