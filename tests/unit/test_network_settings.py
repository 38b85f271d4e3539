"""What config says of the network, and what it must not say."""

from pathlib import Path

import pytest

from agents.port import Risk, Tool
from bot.rulebook import build_rules
from bot.settings import Settings, SettingsError, load, secret_values
from bot.toolbox import tools_over
from bot.trial import Nowhere

BASE = """
[people.alice]
console = "alice"
roles = ["operator"]
[services.api]
environments = ["prod"]
hosts = ["API.example.com", "10.0.0.7:8443"]
"""
GET = '[tools.http.ask]\nsummary = "Ask"\nurl = "https://ci.example.com/{service}"\n'
GET += 'params = { service = "service" }\n'
POST = '[tools.http.tell]\nsummary = "Tell"\nmethod = "POST"\nurl = "https://ci.example.com/"\n'
APPROVED = f'{POST}approve = {{ by = "operator", self = true }}\n'


def loaded(folder: Path, text: str, **env: str) -> Settings:
    """The settings of this text after the base."""
    (folder / "watchkeeper.toml").write_text(BASE + text)
    return load({"WATCHKEEPER_DATA_DIR": str(folder / "data"), **env}, folder, "alice")


def tools(settings: Settings) -> dict[str, Tool]:
    """Every tool that there is with these settings."""
    nowhere = Nowhere()
    return {tool.name: tool for tool in tools_over(settings, nowhere, nowhere, nowhere)}


def test_the_tools_are_there_by_themselves(tmp_path: Path) -> None:
    """Without a word of config, and help shows them."""
    found = tools(loaded(tmp_path, ""))
    assert {"check", "dns", "cert"} <= set(found)
    assert all(found[name].risk is Risk.READ for name in ("check", "dns", "cert"))


def test_hosts_are_read_in_one_way(tmp_path: Path) -> None:
    """The catalogue holds them as they are compared."""
    settings = loaded(tmp_path, "")
    assert settings.services["api"].hosts == ("api.example.com", "10.0.0.7:8443")
    assert build_rules(settings, tuple(tools(settings).values())).services[0].hosts == (
        "api.example.com",
        "10.0.0.7:8443",
    )


@pytest.mark.parametrize("name", ["check", "dns", "cert"])
def test_a_runbook_takes_the_place_of_ours(tmp_path: Path, name: str) -> None:
    """A configuration that has such a runbook already goes on as it was."""
    book = f'[runbooks.{name}]\nsummary = "Own"\nargv = ["/bin/true"]\nrisk = "read"\n'
    assert tools(loaded(tmp_path, book))[name].summary == "Own"
    declared = GET.replace("http.ask", f"http.{name}")
    assert tools(loaded(tmp_path, declared))[name].summary == "Ask"


def test_a_declared_tool_is_a_tool(tmp_path: Path) -> None:
    """Its risk is its method's, and what writes is approved as config says."""
    settings = loaded(tmp_path, GET + APPROVED)
    found = tools(settings)
    rules = build_rules(settings, tuple(found.values()))
    assert found["ask"].risk is Risk.READ
    assert found["tell"].risk is Risk.WRITE
    assert rules.gates["tell"].approval is not None
    assert rules.gates["tell"].place == "tools.http.tell.approve"
    assert rules.gates["ask"].approval is None


def test_secrets_come_from_elsewhere(tmp_path: Path) -> None:
    """From the environment or a file, alone or behind a word; known to all that redacts."""
    (tmp_path / "key").write_text("from-a-file\n")
    headers = 'headers = { Authorization = "Bearer env:CI", X-Key = "file:key", Accept = "a/b" }\n'
    settings = loaded(tmp_path, GET + headers, CI="from-the-environment")
    assert {"from-the-environment", "from-a-file"} <= set(secret_values(settings))
    assert "from-" not in repr(settings)
    held = {header: one.whole for (_, header), one in settings.held.items()}
    assert held == {"Authorization": "Bearer from-the-environment", "X-Key": "from-a-file"}


def test_a_policy_may_name_them(tmp_path: Path) -> None:
    """Rules go by the tools of the network, their arguments, and those that config declares."""
    rule = '[[policy]]\nname = "x"\nverdict = "refuse"\n'
    loaded(tmp_path, f'{GET}{rule}tools = ["check", "dns", "cert", "ask"]\n')
    loaded(tmp_path, f'{rule}tools = ["check"]\nargs = {{ url = "https://x.example/" }}\n')
    loaded(tmp_path, f'{GET}{rule}tools = ["ask"]\nargs = {{ service = "api" }}\n')


def test_a_stop_waits_for_the_longest_request(tmp_path: Path) -> None:
    """`drain` is longer than any tool may take."""
    settings = loaded(tmp_path, f'{GET}timeout = "5m"\n')
    assert settings.drain.total_seconds() == 310


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[tools]\nprivate = ["10.0.0.7/8"]\n', "tools.private[0]: must be a network"),
        ("[tools]\nprivate = [10]\n", "tools.private[0]: must be a network"),
        ("[tools]\npublic = []\n", "tools.public: there is no such key"),
        ('[services.web]\nenvironments = ["a"]\nhosts = ["a/b"]\n', "services.web.hosts[0]: "),
        ('[services.web]\nenvironments = ["a"]\nhosts = ["127.1"]\n', "four decimal numbers"),
        (POST, "tools.http.tell.approve: is missing: a tool that writes must say who"),
        (f'{GET}approve = {{ by = "operator" }}\n', "tools.http.ask.approve: what only reads"),
        (APPROVED.replace('"operator"', '"nobody"'), "tools.http.tell.approve.by: nobody is"),
        (GET.replace("http.ask", "http.help"), "tools.http.help: is a word of the bot's own"),
        (GET.replace("http.ask", "http.a-"), "tools.http.a-: must not end with -"),
        (GET.replace("{service}", "x"), "tools.http.ask: param service is used neither"),
        (GET.replace("ci.example.com", "{service}"), "tools.http.ask: url must begin as"),
        (GET.replace('"https:', '"ftp:'), "tools.http.ask: url: only http"),
        (f'{GET}method = "TRACE"\n', "tools.http.ask.method: must be 'GET'"),
        (f'{GET}timeout = "11m"\n', 'tools.http.ask.timeout: must be at most "10m"'),
        (f'{GET}show = "a"\n', "tools.http.ask: show: must be"),
        (f'{GET}headers = {{ "A B" = "c" }}\n', "write a header's name"),
        (f'{GET}headers = {{ A = "b\\r\\nC: d" }}\n', "write one line"),
        (f'{GET}headers = {{ A = "env:NO_SUCH" }}\n', "headers.A: NO_SUCH is not set"),
        (f'{GET}headers = {{ A = "env:SHORT" }}\n', "env:SHORT has to have 6 characters or more"),
        (f'{GET}headers = {{ A = "file:nowhere" }}\n', "headers.A: file:nowhere cannot be read"),
        (
            GET + '[runbooks.ask]\nsummary = "x"\nargv = ["/bin/true"]\nrisk = "read"\n',
            "tools.http.ask: is also a runbook",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, told: str) -> None:
    """One line that names the key and what to mend."""
    with pytest.raises(SettingsError) as fault:
        loaded(tmp_path, text, SHORT="abcde")
    assert told in str(fault.value)
    assert "\n" not in str(fault.value)
