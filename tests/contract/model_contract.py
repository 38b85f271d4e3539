"""The contract of every model: whatever happens is an outcome, and each means one thing."""

from datetime import timedelta
from typing import Protocol

from pydantic import JsonValue

from agents.model import Answered, BadOutput, Declined, Deferred, Failed, Model
from tests.fake_model import call

STEP: JsonValue = {"kind": "say", "text": "»it's up«"}


class ModelLab(Protocol):
    """A model, and a hand on what the next call will meet."""

    @property
    def model(self) -> Model:
        """Whoever is asked."""
        ...

    def answers(self, step: JsonValue) -> None:
        """It will decide on this step."""
        ...

    def is_cut_off(self) -> None:
        """Its answer will not come to its end."""
        ...

    def declines(self) -> None:
        """It will not answer this."""
        ...

    def is_overloaded(self) -> None:
        """It will have no time just now."""
        ...

    def is_locked(self) -> None:
        """It will not know the key."""
        ...

    def wants_to_wait(self, span: timedelta) -> None:
        """It will say when to come back."""
        ...


class ModelContract:
    """What the loop counts on."""

    async def test_a_whole_answer_is_one_step_and_was_paid_for(self, model_lab: ModelLab) -> None:
        """The step comes as it was said, with its model, its tokens and its price."""
        model_lab.answers(STEP)
        got = await model_lab.model.ask(call())
        assert isinstance(got, Answered)
        assert got.step == STEP
        assert got.spent.model == "claude-haiku-5-5"
        assert got.spent.usage.output > 0
        assert got.spent.usd > 0

    async def test_equal_calls_have_equal_hashes(self, model_lab: ModelLab) -> None:
        """The hash names what was sent: the same for the same words, another for others."""
        hashes = []
        for words in ("one", "one", "two"):
            model_lab.answers(STEP)
            got = await model_lab.model.ask(call(words))
            assert isinstance(got, Answered)
            hashes.append(got.request_sha256)
        assert hashes[0] == hashes[1] != hashes[2]
        assert all(len(one) == 64 and set(one) <= set("0123456789abcdef") for one in hashes)

    async def test_an_answer_cut_off_is_paid_for_and_no_step(self, model_lab: ModelLab) -> None:
        """Nothing can act on it; its reason is short enough to be told to the model."""
        model_lab.is_cut_off()
        got = await model_lab.model.ask(call())
        assert isinstance(got, BadOutput)
        assert got.spent.usd > 0
        assert 0 < len(got.reason) <= 300

    async def test_declining_is_paid_for_and_no_failure(self, model_lab: ModelLab) -> None:
        """A model that will not answer has answered."""
        model_lab.declines()
        got = await model_lab.model.ask(call())
        assert isinstance(got, Declined)
        assert got.spent.usd > 0

    async def test_what_passes_is_told_from_what_has_to_be_mended(
        self, model_lab: ModelLab
    ) -> None:
        """An overload may be tried again, a bad key may not; both are data, nothing is raised."""
        model_lab.is_overloaded()
        passing = await model_lab.model.ask(call())
        model_lab.is_locked()
        lasting = await model_lab.model.ask(call())
        assert isinstance(passing, Failed)
        assert isinstance(lasting, Failed)
        assert (passing.passing, lasting.passing) == (True, False)

    async def test_a_wait_is_handed_on_and_not_sat_out(self, model_lab: ModelLab) -> None:
        """The worker is free at once, and knows when to come back."""
        model_lab.wants_to_wait(timedelta(hours=1))
        got = await model_lab.model.ask(call())
        assert isinstance(got, Deferred)
        assert got.after == timedelta(hours=1)
