"""Slack, with its real clients: asking people. The numbers are those of what is promised."""

from pathlib import Path

from bot import events as e
from tests.house import RUNBOOKS, runs
from tests.slack_house import SlackHouse, connect_slack, slack_house


async def test_a_click_by_who_may_runs_it_once(tmp_path: Path) -> None:
    """25: the message ends up with who, when and what, and has no buttons any more."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("change tag=one")
        card = await lab.card(said)
        assert "change tag=one" in card.shown
        lab.ben.clicks(card, "approve")
        await lab.settled(card, "Approved by ben, 20")
        assert not any(block["type"] == "actions" for block in card.blocks)
        answers = [one.shown for one in await lab.answers(said, 2)]
        assert answers[1].startswith("Approved by ben. change tag=one → ")
        assert "exit 0" in answers[1]
        await lab.happened("tool_returned")
        assert runs(tmp_path) == ["one"]


async def test_24_a_click_by_who_may_not_is_refused_in_private(tmp_path: Path) -> None:
    """Audited; the card is as it was, and nobody else reads the refusal."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("change tag=one"))
        before = card.shown
        for who, why in ((lab.cas, "you may not decide"), (lab.ann, "asked for it yourself")):
            who.clicks(card, "approve")
            [told] = await lab.told(who)
            assert why in told.shown
        assert (card.shown, len(lab.server.sent(lab.ops))) == (before, 1)
        refused = [one for one in await lab.log() if isinstance(one, e.DecisionRefused)]
        assert [one.by.id for one in refused] == ["T1/U3", "T1/U1"]
        assert runs(tmp_path) == []


async def test_24_a_stranger_s_click_does_nothing(tmp_path: Path) -> None:
    """Nor one by somebody of another workspace who has the same id."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("change tag=one"))
        await lab.server.acked(lab.zed.clicks(card, "approve"))
        other = lab.server.person("U2", team="T2")
        await lab.server.acked(other.clicks(card, "approve"))
        assert "approval_given" not in await lab.kinds()
        assert runs(tmp_path) == []


async def test_23_two_clicks_at_once_are_one_decision(tmp_path: Path) -> None:
    """The one who came late is told so, in private."""
    async with slack_house(tmp_path, runbooks=RUNBOOKS) as lab:
        card = await lab.card(await lab.asks("bump tag=one"))
        lab.ann.clicks(card, "approve")
        lab.ben.clicks(card, "approve")
        await lab.settled(card, "Approved by")
        loser = lab.ben if "by ann" in card.shown else lab.ann
        [told] = await lab.told(loser)
        assert "approved by" in told.shown
        assert (await lab.kinds()).count("approval_given") == 1
        await lab.happened("tool_returned")
        assert runs(tmp_path) == ["one"]


async def test_a_click_that_is_delivered_twice_is_one(tmp_path: Path) -> None:
    """The same press again is no second vote, and is not answered."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("change tag=one"))
        first = lab.ben.clicks(card, "approve")
        lab.server.sockets.send("interactive", first.payload)
        await lab.settled(card, "Approved by ben")
        await lab.house.rest()
        assert lab.server.sent(lab.ops, only=lab.ben.id) == []
        assert "decision_refused" not in await lab.kinds()


async def test_denied_with_a_reason_in_a_form(tmp_path: Path) -> None:
    """The reason is told to whoever asked."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("change tag=one")
        card = await lab.card(said)
        lab.ben.clicks(card, "deny")
        lab.ben.submits(await lab.server.form(), "not on\na Friday")
        await lab.settled(card, "Refused by ben")
        assert "not on a Friday" in (await lab.answers(said, 2))[1].shown
        assert runs(tmp_path) == []


async def test_changed_in_a_form_and_approved(tmp_path: Path) -> None:
    """The form has the arguments as they are; what runs is what was typed."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("bump tag=one"))
        lab.ben.clicks(card, "edit")
        view = await lab.server.form()
        assert view["blocks"][0]["element"]["initial_value"] == "tag=one"
        lab.ben.submits(view, "tag=two")
        await lab.settled(card, "by ben")
        await lab.happened("tool_returned")
        assert runs(tmp_path) == ["two"]


async def test_a_form_that_is_sent_empty_stays_open(tmp_path: Path) -> None:
    """It says what it lacks, and nothing is approved: not what stood in it before either."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("change tag=one"))
        lab.ben.clicks(card, "edit")
        sent = await lab.server.acked(lab.ben.submits(await lab.server.form(), " "))
        assert sent.answer is not None
        assert sent.answer["response_action"] == "errors"
        assert "press Approve" in sent.answer["errors"]["typed"]
        await lab.house.rest()
        assert "approval_given" not in await lab.kinds()


async def test_a_form_that_slack_does_not_show(tmp_path: Path) -> None:
    """Whoever pressed is told what to say instead."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("change tag=one"))
        lab.server.api.lacking.add("views.open")
        lab.ben.clicks(card, "deny")
        [told] = await lab.told(lab.ben)
        assert f"deny {_request(card.shown)}" in told.shown


async def test_a_shortcut_whose_form_slack_does_not_show(tmp_path: Path) -> None:
    """There is no request to name, so whoever used it is told of the other way."""
    async with slack_house(tmp_path) as lab:
        lab.server.api.lacking.add("views.open")
        lab.ann.asks_about(lab.ben.says(lab.ops, "disk full"))
        [told] = await lab.told(lab.ann)
        assert "mention me" in told.shown
        assert "deny" not in told.shown


async def test_many_are_approved_with_one_press(tmp_path: Path) -> None:
    """Each is listed on the card that has the button."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("change tag=one")
        await lab.card(said)
        lab.ann.says(lab.ops, "change tag=two", thread=said.ts)
        second = (await lab.answers(said, 2))[1]
        assert "change tag=one" in second.shown
        lab.ben.clicks(second, "approve_all")
        await lab.settled(second, "Approved by ben")
        await lab.answers(said, 4)
        assert sorted(runs(tmp_path)) == ["one", "two"]


async def test_22_a_button_works_after_a_restart(tmp_path: Path) -> None:
    """Asked by one process, pressed when another is there, which knows the card from the log."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("change tag=one"))
        await lab.house.rest()
        await lab.slack.stop()
        await after_a_restart(lab)
        lab.ben.clicks(card, "approve")
        await lab.settled(card, "Approved by ben")
        await lab.happened("tool_returned")
        assert runs(tmp_path) == ["one"]


async def after_a_restart(lab: SlackHouse) -> None:
    """Another process takes over: nothing is left of the first but the store."""
    from bot import wiring  # noqa: PLC0415

    again = connect_slack(lab.server, lab.house)
    lab.house.hire(channels={"slack": again})
    await again.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
    lab.slack = again


async def test_26_the_card_changes_after_the_commit(tmp_path: Path) -> None:
    """With nobody to fold it, the click is acked and the card is as it was."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("change tag=one"))
        await lab.house.rest()
        before = card.shown
        await lab.server.acked(lab.ben.clicks(card, "approve"))
        assert card.shown == before
        lab.house.hire(channels={"slack": lab.slack})
        await lab.settled(card, "Approved by ben")


async def test_in_a_shared_room_the_details_go_to_who_may(tmp_path: Path) -> None:
    """The room reads id and tool; ben reads all of it in a direct message, and decides there."""
    async with slack_house(tmp_path) as lab:
        guest = lab.server.person("U8", team="T2")
        shared = lab.server.room("C2", lab.ann, lab.ben, guest, shared=True)
        said = await lab.asks("change tag=one", room=shared)
        [open_card] = await lab.answers(said)
        assert "tag=one" not in str(open_card.blocks) + open_card.text
        [private] = await lab.server.posted(lab.server.direct(lab.ben))
        assert "change tag=one" in private.shown
        lab.ben.clicks(private, "approve")
        await lab.settled(private, "Approved by ben")
        await lab.settled(open_card, "Approved by ben")
        assert "change: exit 0" in (await lab.answers(said, 2))[1].shown
        assert runs(tmp_path) == ["one"]


def _request(shown: str) -> str:
    return next(word.strip("`,") for word in shown.split() if "-1" in word)
