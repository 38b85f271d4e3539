"""The model's contract on the fake that other tests use."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from pydantic import JsonValue

from agents.model import BadOutput, Declined, Deferred, Failed
from tests.contract.model_contract import ModelContract
from tests.fake_model import SPENT, FakeModel


@dataclass
class FakeLab:
    """A script that is written as it goes."""

    model: FakeModel = field(default_factory=FakeModel)

    def answers(self, step: JsonValue) -> None:
        """A step."""
        assert isinstance(step, dict)
        self.model.script.append(step)

    def is_cut_off(self) -> None:
        """Half of one."""
        self.model.script.append(BadOutput(reason="cut off", spent=SPENT, request_sha256="0" * 64))

    def declines(self) -> None:
        """No."""
        self.model.script.append(Declined(reason="no", spent=SPENT, request_sha256="0" * 64))

    def is_overloaded(self) -> None:
        """Later."""
        self.model.script.append(Failed(reason="overloaded", passing=True))

    def is_locked(self) -> None:
        """Never."""
        self.model.script.append(Failed(reason="bad key", passing=False))

    def wants_to_wait(self, span: timedelta) -> None:
        """Then."""
        self.model.script.append(Deferred(reason="too many", after=span))


@pytest.fixture
def model_lab() -> FakeLab:
    """A fake without a script."""
    return FakeLab()


class TestFake(ModelContract):
    """On the fake."""
