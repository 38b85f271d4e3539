"""Names, flags and texts: which of the ways that people write them count, and which do not."""

import pytest

from tests.unit.test_grounding import invented, look, runbook


@pytest.mark.parametrize(
    "text",
    [
        "restart api in prod",
        "Restart API, PROD!",
        "restart `api` in *prod*",
        "the api's logs in prod?",
        "(api) #prod",
        '"api" \u201cprod\u201d',
        "_api_ in __prod__",
        "redémarre l'api en prod",
        "service=api env=prod",
        "--service=api --env=prod",
        "service: api\nenv: prod",
        "api/prod",
        "api→prod",
        "api@prod",
        "ap\u200bi in prod",
        "restart gateway in prod",
        "restart the front door in prod",
        "restart front-door in prod",
        "restart Front_Door in prod",
        "<https://wiki.example.com/x|api> in prod",
        "no, prod. And api.",
    ],
)
def test_names_are_found(text: str) -> None:
    """A name counts in any case, with any signs around it, and by each of its aliases."""
    assert invented(text, service="api", env="prod") == ()


@pytest.mark.parametrize(
    "text",
    [
        "a rapid product",
        "prod-like, with an api-gateway",
        "non-prod rest-api",
        "pre_prod and api_v2",
        "prod.example.com and api.example.com",
        "https://example.com/api/prod",
        "https://api:prod@example.com",
        "<https://example.com/api/prod>",
        "<https://example.com/api/prod|here>",
        "api@prod.example.com",
        "bob@api.prod",
        "/srv/api/prod",
        "src/api/prod.py",
        "example.com/api/prod",
        "apis, prods",
        "api+ prod#1",
    ],
)
def test_parts_of_words_are_no_names(text: str) -> None:
    """A name inside a longer word, an address or a path is another name."""
    assert invented(text, service="api", env="prod") == ("service", "env")


@pytest.mark.parametrize(
    "text",
    ["not prod", "nicht prod", "never `prod`", "pas prod", "anything but prod", "don't 'prod'"],
)
def test_a_name_that_is_denied_does_not_count(text: str) -> None:
    """A word right after a "not" is no wish; the same word elsewhere is."""
    assert invented(f"restart api, {text}", service="api", env="prod") == ("env",)
    assert invented(f"restart api, {text}. Oh, prod!", service="api", env="prod") == ()


def test_longer_names_go_first() -> None:
    """Where the words are a longer name that is known, the shorter one in it was not written."""
    assert invented("restart api worker in prod", service="api-worker", env="prod") == ()
    assert invented("restart api worker in prod", service="api", env="prod") == ("service",)
    assert invented("restart api and api worker in prod", service="api", env="prod") == ()


@pytest.mark.parametrize(
    ("text", "flag", "found"),
    [
        ("restart with force", True, ()),
        ("--force", True, ()),
        ("force=yes", True, ()),
        ("force: true", True, ()),
        ("FORCE it", True, ()),
        ("no force", True, ("force",)),
        ("--no-force", True, ("force",)),
        ("without force", True, ("force",)),
        ("ohne force", True, ("force",)),
        ("don't force it", True, ("force",)),
        ("force=no", True, ("force",)),
        ("`force`: false", True, ("force",)),
        ("enforce reinforced forces", True, ("force",)),
        ("restart", True, ("force",)),
        ("restart", False, ()),
        ("with force", False, ()),
    ],
)
def test_flags(text: str, flag: bool, found: tuple[str, ...]) -> None:
    """A flag is set by its name, unless it is denied; what it is by itself needs no word."""
    assert invented(text, force=flag) == found


def test_a_flag_is_as_it_was_said_last() -> None:
    """Who takes a flag back has it back, and may want it again."""
    assert invented("with force", "no, without force", force=True) == ("force",)
    assert invented("with force", "no force", "alright, force it", force=True) == ()


def test_a_flag_of_several_words() -> None:
    """The words of a flag's name may be written with spaces, dashes or as they are."""
    of = runbook({"dry_run": "boolean"})
    for text in ("a dry run", "--dry-run", "dry_run=yes", "dryrun please"):
        assert look({"dry_run": True}, text, of=of).ungrounded == ()
    for text in ("run it dry", "no dry run", "--no-dry-run", "laundry run"):
        assert look({"dry_run": True}, text, of=of).ungrounded == ("dry_run",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("say deploy tonight", "deploy tonight"),
        ("say: \u201cDeploy   tonight!\u201d", "deploy tonight"),
        ("deploy\ntonight", "Deploy tonight."),
        ("note=deploy tonight", "deploy tonight"),
        ("note: deploy tonight", "deploy tonight"),
        ('--note="deploy tonight"', "deploy tonight"),
        ('note="say \\"hi\\" to \\\\all"', 'say "hi" to \\all'),
        ("*deploy tonight*", "deploy tonight"),
        ("it\u2019s done \u2014 all of it", "It's done - all of it"),
        ("rm `*.log` now", "*.log"),
        ("see https://example.com/a?b=1.", "https://example.com/a?b=1"),
        ("a &amp; b", "a & b"),
        ("cd ../x.", "../x"),
        ("in C++.", "c++"),
        ("give it 2 GB", "2GB"),
        ("for ten minutes", "10m"),
    ],
)
def test_texts_are_found(text: str, value: str) -> None:
    """A text counts where its words stand together, whatever quotes and case they have."""
    assert invented(text, note=value) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("deploy it tonight", "deploy tonight"),
        ("tonight deploy", "deploy tonight"),
        ("deploy", "deploy tonight"),
        ("deploying tonight", "deploy tonight"),
        ("deploy\n> now\ntonight", "deploy tonight"),
        ("deploy\n```\nx\n```\ntonight", "deploy tonight"),
        ("delete the logs", "delete the logs *"),
        ("delete .log", "*.log"),
        ("etc/passwd", "/etc/passwd"),
        ("x", "../x"),
        ("evil.com.example.com", "evil.com"),
        ("force", "--force"),
        ("web-1", "web 1"),
        ("anything", "!"),
        ("", ""),
    ],
)
def test_other_texts_are_not_found(text: str, value: str) -> None:
    """Words in another order, with a gap, or with signs that a program reads are not what stood."""
    assert invented(text, note=value) == ("note",)


def test_a_text_is_one_persons() -> None:
    """Words of two messages are never put together to one text."""
    assert invented("deploy", "tonight", note="deploy tonight") == ("note",)
