"""Steps as a model words them, for scripts of `tests.fake_model.FakeModel`."""

from pydantic import JsonValue

Step = dict[str, JsonValue]


def route(to: str) -> Step:
    """Another agent goes on."""
    return {"kind": "route", "to": to, "reason": "because"}


def reply(text: str) -> Step:
    """Words for people."""
    return {"kind": "reply", "text": text}


def ask(question: str, *options: str) -> Step:
    """A question for people."""
    return {"kind": "ask", "question": question, "options": list(options)}


def call(tool: str, **args: JsonValue) -> Step:
    """A tool, please."""
    return {"kind": "call", "tool": tool, "args": args}


def done(summary: str = "that is all") -> Step:
    """Through."""
    return {"kind": "done", "summary": summary}


def handover(reason: str = "they want a person") -> Step:
    """A human, please."""
    return {"kind": "handover", "reason": reason}
