"""`doctor` on the models that are configured, with a provider that answers by a script."""

from pathlib import Path

from bot.cli import doctor
from bot.settings import load
from prompts import library
from tests.model_server import Received, Reply, Scripted, error, info, model_server

SONNET = "claude-sonnet-5-5"


async def findings(folder: Path, text: str, *script: Scripted) -> list[doctor.Finding]:
    """What the doctor finds with this file, and a provider that answers by this script."""
    (folder / "watchkeeper.toml").write_text(text)
    async with model_server(*script) as server:
        env = {"ANTHROPIC_API_KEY": "sk-1", "ANTHROPIC_BASE_URL": server.url}
        return await doctor.model_findings(load(env, folder, "root"))


def unless(model: str, reply: Reply) -> Scripted:
    """All is well with every model but this one."""

    def answer(request: Received) -> Reply:
        return reply if request.path.endswith(f"/{model}") else info()

    return answer


async def test_the_doctor_looks_at_every_model_once(tmp_path: Path) -> None:
    """Those of the prompts, but where the settings name another one."""
    found = await findings(tmp_path, '[models]\nretriever = "mine"\n', *[info()] * 3)
    assert [one.fault for one in found] == ["", "", ""]
    told = {one.told for one in found}
    defaults = {name: library.load(name).model.default for name in library.names()}
    assert defaults["classifier"] == defaults["responder"]
    assert told == {
        f"{defaults['classifier']} for classifier, responder",
        f"{defaults['executor']} for executor",
        "mine for retriever",
    }


async def test_the_doctor_names_the_key_of_an_unfit_model(tmp_path: Path) -> None:
    """Each fault says which model it is, and where another one is named."""
    unknown = unless("mine", error(404, "not_found_error"))
    found = await findings(tmp_path, '[models]\nretriever = "mine"\n', *[unknown] * 3)
    assert [one.fault for one in found if one.fault] == [
        "mine is not known: name another one as models.retriever"
    ]
    leaving = unless(SONNET, info(lifecycle="deprecated", retires_at="2030-01-31T00:00:00Z"))
    found = await findings(tmp_path, "", *[leaving] * 2)
    assert f"{SONNET} for executor, retires on 2030-01-31" in {one.told for one in found}


async def test_the_doctor_needs_no_key(tmp_path: Path) -> None:
    """Without one nothing is asked, nothing is wrong, and it is said what that means."""
    (tmp_path / "watchkeeper.toml").write_text("")
    (one,) = await doctor.model_findings(load({}, tmp_path, "root"))
    assert (one.fault, one.told) == (
        "",
        "ANTHROPIC_API_KEY is not set, so only commands are understood",
    )
