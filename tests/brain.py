"""A model that decides as cases expect it to: what it answers, it reads out of the request alone.

It knows which case it is from the id of the thread, who is asked from the steps that the schema
allows, and how far the case has come from the events that the request tells.
"""

import json
import re
from collections.abc import Iterable

from pydantic import JsonValue

from bot.evals.case import Call, Case
from bot.evals.play import thread_of
from tests import steps
from tests.model_server import Received, Reply, step
from tests.steps import Step


class Brain:
    """Answers a request; to be put into a server's script as often as it is asked."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._cases = {thread_of(case): case for case in cases}

    def __call__(self, request: Received) -> Reply:
        """The step that the case expects next."""
        return step(self.step(request.json))

    def step(self, body: dict[str, JsonValue]) -> Step:
        """The same, not worded as the API does."""
        told = _told(body)
        thread = re.search(r"<thread id=(\w+)>", told)
        assert thread is not None, told
        case = self._cases[thread[1]]
        heard = len(re.findall(r"^<message ", told, re.MULTILINE))
        here = told[[at.start() for at in re.finditer(r"^<message ", told, re.MULTILINE)][-1] :]
        made = len(re.findall(r"^<call ", here, re.MULTILINE))
        calls = _calls(case, heard)
        kinds = set(re.findall(r'"const": "(route|done)"', json.dumps(body["output_config"])))
        if "route" in kinds:  # only one agent may
            return _first(case, calls, last=heard == len(case.messages))
        if "done" in kinds:
            return _call(calls[made]) if made < len(calls) else _over(case, calls)
        return steps.reply("That is what I see.")


def _calls(case: Case, heard: int) -> tuple[Call, ...]:
    """The calls to make for the message: those of the case, the last of them for the last one."""
    calls, left = case.expect.calls, len(case.messages) - heard
    if len(case.messages) == 1:
        return calls
    if "call" not in case.expect.step:
        left -= 1
    at = len(calls) - 1 - left
    return calls[at : at + 1] if 0 <= at < len(calls) else ()


def _first(case: Case, calls: tuple[Call, ...], *, last: bool) -> Step:
    if not last:
        return steps.route("executor") if calls else steps.ask("Where?")
    match case.expect.route[0]:
        case "reply":
            return steps.reply("Good morning!")
        case "ask":
            return steps.ask("Which one?", "staging", "prod")
        case "handover":
            return steps.handover()
        case agent:
            return steps.route(agent)


def _over(case: Case, calls: tuple[Call, ...]) -> Step:
    """Nothing more to call."""
    if calls or "reply" in case.expect.step:
        return steps.done()
    return steps.ask("Which one?") if "ask" in case.expect.step else steps.handover()


def _call(call: Call) -> Step:
    return steps.call(call.tool, **{name: _plain(value) for name, value in call.args.items()})


def _plain(value: JsonValue) -> JsonValue:
    """A value that is as the case wants it."""
    if not isinstance(value, dict):
        return value
    if "one_of" in value and isinstance(value["one_of"], list):
        return value["one_of"][0]
    return f"look at the {value['holds']}"


def _told(body: dict[str, JsonValue]) -> str:
    """The thread as the request tells it."""
    messages = json.loads(json.dumps(body["messages"]))
    return "".join(block["text"] for block in messages[0]["content"])
