"""Settings that are wrong: one line, which names the file, the key and what to mend."""

from pathlib import Path

import pytest

from bot.consistency import RESERVED
from bot.settings import SettingsError, load

BOOK = '[runbooks.x]\nsummary = "s"\nargv = ["/bin/echo"]\n'
READ = f'{BOOK}risk = "read"\n'
WRITE = f'{BOOK}risk = "write"\n'
OPERATOR = '[people.ann]\nroles = ["operator"]\n'


def refused(folder: Path, text: str, env: dict[str, str] | None = None) -> str:
    """The line that these settings are refused with."""
    (folder / "watchkeeper.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(env or {}, folder, "root")
    line = str(caught.value)
    assert "\n" not in line
    return line


SLACK = "write TEAM/USER, as T0123ABCD/U0123ABCD"
DISCORD = "write the numeric user id, as 123456789012345678"
EMAIL = "write one address, as a@example.com"
MODEL = "write a model's id, as claude-haiku-5-5"
DOLLARS = 'must be dollars from 0 to 1,000,000,000, or "none" for no cap'

REFUSALS = [
    ("[bto]\n", "bto: there is no such key, did you mean bot?"),
    ('[bot]\nnmae = "x"\n', "bot.nmae: there is no such key, did you mean name?"),
    ('[people.ann]\nslak = "T/U"\n', "people.ann.slak: there is no such key, did you mean slack?"),
    (
        f'{WRITE}approve = {{ by = "operator", quorom = 1 }}\n{OPERATOR}',
        "runbooks.x.approve.quorom: there is no such key, did you mean quorum?",
    ),
    (f'{READ}aprove = {{ by = "x" }}\n', "runbooks.x.aprove: there is no such key, did you mean"),
    ("[zzzz]\n", "zzzz: there is no such key, remove it"),
    ('"a\\nb" = 1\n', r'"a\nb": there is no such key'),
    ("bot = 3\n", "bot: must be a table"),
    ("[[people]]\nx = 1\n", "people: must be a table"),
    ('[bot]\nname = "Night Watch"\n', "bot.name: must be lower case letters"),
    ('[bot]\ntimezone = "Europe/Berln"\n', "did you mean Europe/Berlin?"),
    ('[bot]\ntimezone = "../etc"\n', "bot.timezone: '../etc' is not a time zone"),
    ('[bot]\nlease = "0s"\n', 'bot.lease: must be at least "1s"'),
    ("[bot]\nlease = 30\n", "bot.lease: give a duration"),
    ('[bot]\nlease = "soon"\n', "bot.lease: give a duration"),
    ('[console]\nimpersonate = "yes"\n', "console.impersonate: must be true or false"),
    ('[access]\nunknown = "maybe"\n', "access.unknown: must be 'ignore', 'notice' or 'chat'"),
    ("[people.Ann]\n", "people.Ann: must be lower case letters"),
    ('[people.ann]\nroles = "operator"\n', "people.ann.roles: must be a list"),
    ('[people.ann]\nroles = ["Ops Team"]\n', "people.ann.roles[0]: must be lower case"),
    ('[people.ann]\nslack = "T01-U02"\n', f"people.ann.slack: {SLACK}"),
    ('[people.ann]\nslack = "T1/U1\\n"\n', f"people.ann.slack: {SLACK}"),
    ('[people.ann]\ndiscord = "ann#1"\n', f"people.ann.discord: {DISCORD}"),
    ('[people.ann]\ndiscord = "١٢٣"\n', f"people.ann.discord: {DISCORD}"),
    ('[people.ann]\nemail = "Ann <ann@example.com>"\n', f"people.ann.email: {EMAIL}"),
    ('[people.ann]\nemail = "<ann@example.com>"\n', f"people.ann.email: {EMAIL}"),
    ('[people.ann]\nemail = "a@x.org,b@x.org"\n', f"people.ann.email: {EMAIL}"),
    (
        '[people.ann]\nemail = "A@x.org"\n[people.bob]\nemail = "a@x.org"\n',
        "people.bob.email: is the same as people.ann.email",
    ),
    (
        '[people.ann]\nslack = "T1/U1"\n[people.bob]\nslack = "T1/U1"\n',
        "people.bob.slack: is the same as people.ann.slack",
    ),
    (
        '[people.ann]\nconsole = "@me"\n[people.bob]\nconsole = "root"\n',
        "people.bob.console: is the same as people.ann.console",
    ),
    ('[people.ann]\nroles = ["bob"]\n[people.bob]\n', "people.ann.roles: bob is also a person"),
    ("[services.api]\n", "services.api.environments: is missing: add it"),
    ("[services.api]\nenvironments = []\n", "services.api.environments: must not be empty"),
    (
        '[services.api]\nenvironments = ["p"]\n'
        '[services.web]\nenvironments = ["p"]\naliases = ["api"]\n',
        "services.web.aliases: api already is",
    ),
    ('[runbooks.x]\nargv = ["/bin/ls"]\nrisk = "read"\n', "runbooks.x.summary: is missing"),
    ('[runbooks.x]\nsummary = "s"\nrisk = "read"\n', "runbooks.x.argv: is missing"),
    (BOOK, "runbooks.x.risk: is missing"),
    (f'{BOOK}risk = "rite"\n', "runbooks.x.risk: must be 'read' or 'write'"),
    (WRITE, "runbooks.x.approve: is missing: a runbook that writes must say who approves it"),
    (f"{WRITE}approve = {{}}\n", "runbooks.x.approve.by: is missing"),
    (
        f'{WRITE}approve = {{ by = "operater" }}\n{OPERATOR}',
        "runbooks.x.approve.by: nobody is 'operater' or has that role, did you mean operator?",
    ),
    (
        f'{WRITE}approve = {{ by = "operator", quorum = 2 }}\n{OPERATOR}',
        "runbooks.x.approve.quorum: is 2, but operator is only 1",
    ),
    (
        f'{WRITE}approve = {{ by = "operator", quorum = 0 }}\n{OPERATOR}',
        "runbooks.x.approve.quorum: must be greater than or equal to 1",
    ),
    (
        f'{WRITE}approve = {{ by = "operator", quorum = "1" }}\n{OPERATOR}',
        "runbooks.x.approve.quorum: must be a whole number",
    ),
    (
        f'{WRITE}approve = {{ by = "operator", self = "false" }}\n{OPERATOR}',
        "runbooks.x.approve.self: must be true or false",
    ),
    (f'{READ}timeout = "0s"\n', 'runbooks.x.timeout: must be at least "1s"'),
    (f"{READ}params = {{ a = 1 }}\n", "runbooks.x.params.a: must be a kind"),
    (f'{READ}params = {{ a = "servic" }}\n', "runbooks.x: param a is not used in argv"),
    (f'{READ}stdin = "a"\n', "runbooks.x: stdin names 'a'"),
    (READ.replace("/bin/echo", "echo"), "runbooks.x: argv[0] must be the program's absolute path"),
    (READ.replace("/bin/echo", "/bin/{a}"), "runbooks.x: argv[0] is the program"),
    (READ.replace('"]', '", "{a}"]'), "runbooks.x: argv[1] names 'a', which is not a param"),
    (READ.replace('"]', '", "{"]'), "runbooks.x: '{' has a lone brace"),
    (READ.replace("runbooks.x", "runbooks.x-"), "runbooks.x-: must not end with -"),
    (READ.replace("runbooks.x", "runbooks.approve-it"), "is a word of the bot's own"),
    ('[models]\nclasifier = "x"\n', "models.clasifier: there is no such key, did you mean classif"),
    ("[models]\nclassifier = 5\n", "models.classifier: must be a text in quotes"),
    ('[models]\nclassifier = ""\n', f"models.classifier: {MODEL}"),
    ('[models]\nexecutor = "claude haiku"\n', f"models.executor: {MODEL}"),
    ("[limits]\nthread = 1\n", "limits.thread: there is no such key, did you mean thread_usd?"),
    ("[limits]\nday_usd = -1\n", f"limits.day_usd: {DOLLARS}"),
    ("[limits]\nday_usd = 1e10\n", f"limits.day_usd: {DOLLARS}"),
    ("[limits]\nday_usd = nan\n", f"limits.day_usd: {DOLLARS}"),
    ("[limits]\nday_usd = true\n", f"limits.day_usd: {DOLLARS}"),
    ('[limits]\nthread_usd = "0.5"\n', f"limits.thread_usd: {DOLLARS}"),
    (
        f'[limits]\napprove = {{ by = "operater" }}\n{OPERATOR}',
        "limits.approve.by: nobody is 'operater' or has that role, did you mean operator?",
    ),
    (
        f'[limits]\napprove = {{ by = "operator", quorum = 2 }}\n{OPERATOR}',
        "limits.approve.quorum: is 2, but operator is only 1",
    ),
    ('[bot]\nname = "x"\n\n[bot', "line 4: "),
    ('[bot]\nname = "x"\nname = "y"\n', "line 3: cannot overwrite"),
]


@pytest.mark.parametrize(("text", "told"), REFUSALS, ids=[told for _, told in REFUSALS])
def test_a_fault_is_one_line_that_names_the_key(tmp_path: Path, text: str, told: str) -> None:
    """Every fault says where it is and what to mend, and nothing else."""
    line = refused(tmp_path, text)
    assert line.startswith("watchkeeper.toml: ")
    assert told in line


UNBUILT = [
    ("[maintenance]\n", "maintenance"),
    (f'{READ}exclusive = ["x"]\n', "runbooks.x.exclusive"),
    (f'{READ}output = "room"\n', "runbooks.x.output"),
    (f'{READ}secrets = ["X"]\n', "runbooks.x.secrets"),
    (f'{READ}run_as = "x"\n', "runbooks.x.run_as"),
    (f"{READ}dry_run = true\n", "runbooks.x.dry_run"),
]


CLASHING = [
    (
        "[people.a]\n" + WRITE + 'approve = { by = "a", self = true, remind = "30m" }\n',
        "runbooks.x.approve.remind: must be before expire",
    ),
    (
        "[people.a]\n" + WRITE + 'approve = { by = "a", self = true, escalate = "aa" }\n',
        "runbooks.x.approve.escalate: nobody is 'aa' or has that role",
    ),
    ('[bot]\nhandover = "oncall"\n', "bot.handover: nobody is 'oncall' or has that role"),
    ('[quiet]\nfrom = "22:00"\nto = "22:00"\n', "quiet.to: must not be the same as from"),
    ('[quiet]\nfrom = "24:00"\nto = "07:00"\n', 'quiet.from: must be a time as "22:00"'),
]


@pytest.mark.parametrize(("text", "fault"), CLASHING, ids=[fault for _, fault in CLASHING])
def test_times_and_names_of_asking_fit_together(tmp_path: Path, text: str, fault: str) -> None:
    """Who and when is known before the first request."""
    assert refused(tmp_path, text).startswith(f"watchkeeper.toml: {fault}")


@pytest.mark.parametrize(("text", "key"), UNBUILT, ids=[key for _, key in UNBUILT])
def test_what_is_not_built_is_refused(tmp_path: Path, text: str, key: str) -> None:
    """A key whose feature this version lacks is never ignored."""
    line = refused(tmp_path, text)
    assert line == f"watchkeeper.toml: {key} is not built yet in this version: remove it"


def test_an_unknown_key_comes_before_what_is_missing(tmp_path: Path) -> None:
    """A misspelt key is told as that, not as the key that is missing for it."""
    assert "agrv" in refused(tmp_path, BOOK.replace("argv", "agrv"))


def test_me_needs_the_embedded_store(tmp_path: Path) -> None:
    """With a shared store "@me" would be somebody else in every process."""
    text = '[people.ann]\nconsole = "@me"\n'
    line = refused(tmp_path, text, {"REDIS_URL": "redis://localhost:6379"})
    assert line.startswith("watchkeeper.toml: people.ann.console: ")
    assert "REDIS_URL" in line


def test_the_packaged_example_is_not_for_a_shared_store(tmp_path: Path) -> None:
    """Who has no file yet is told how to get one, not to mend ours."""
    with pytest.raises(SettingsError) as caught:
        load({"REDIS_URL": "redis://localhost:6379"}, tmp_path, "root")
    assert str(caught.value) == (
        "there is no watchkeeper.toml: run `watchkeeper init`, then mend people.me.console:"
        ' "@me" can not go with REDIS_URL, write the OS user name'
    )


@pytest.mark.parametrize(
    "name", ["REDIS_URL", "SLACK_BOT_TOKEN", "DISCORD_BOT_TOKEN", "EMAIL_ADDRESS"]
)
def test_impersonation_is_for_trying_things_out_alone(tmp_path: Path, name: str) -> None:
    """Being somebody else is refused wherever others could be on the other side."""
    env = {name: "redis://localhost"}
    env |= {"SLACK_APP_TOKEN": "x"} if name.startswith("SLACK") else {}
    mail = {"EMAIL_ADDRESS": "b@h", "IMAP_URL": "imaps://u:p@h", "SMTP_URL": "smtps://h"}
    env |= mail if name.startswith("EMAIL") else {}
    line = refused(tmp_path, "[console]\nimpersonate = true\n", env)
    assert line.startswith("watchkeeper.toml: console.impersonate: ")
    assert name in line


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_runbook_takes_no_word_of_the_bot(tmp_path: Path, name: str) -> None:
    """What people say to the bot itself can not start a program."""
    line = refused(tmp_path, READ.replace("runbooks.x", f"runbooks.{name}"))
    assert f"runbooks.{name}: is a word of the bot's own" in line


def test_a_file_that_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are found by their line."""
    (tmp_path / "watchkeeper.toml").write_bytes(b'[bot]\nname = "\xff"\n')
    with pytest.raises(SettingsError, match=r"^watchkeeper.toml: line 2: is not UTF-8$"):
        load({}, tmp_path, "root")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """What can not be read says why."""
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"WATCHKEEPER_CONFIG": "."}, tmp_path, "root")
