"""Discord, with its real client: asking people. The numbers are those of what is promised."""

import asyncio
from pathlib import Path

from bot import wiring
from bot.auditing import verify
from tests.discord_house import button, connect_discord, discord_house
from tests.discord_server import held, routes
from tests.house import runs


async def test_25_a_click_by_who_may_runs_it_once(tmp_path: Path) -> None:
    """The message ends up with who, when and what, and has no buttons any more."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("change tag=one")
        card = await lab.card(said)
        assert "until <t:" in card.text
        click = lab.server.click(lab.ben, card, button(card, "approve"))
        assert (await click.answered())["type"] == 6
        await lab.settled(card, "Approved by ben")
        assert card.buttons == []
        await lab.answers(said, 2)
        assert runs(tmp_path) == ["one"]


async def test_24_a_click_by_who_may_not_is_refused_in_private(tmp_path: Path) -> None:
    """Audited; the card is as it was, and nobody else reads the refusal."""
    async with discord_house(tmp_path) as lab:
        card = await lab.card(lab.asks("change tag=one"))
        before = card.texts
        refused = await lab.server.click(lab.cas, card, button(card, "approve")).replied()
        assert refused.is_ephemeral
        assert "you may not decide" in refused.text
        assert card.texts == before
        assert "decision_refused" in await lab.kinds()
        assert (await verify(lab.house.store)).faults == ()
        assert runs(tmp_path) == []


async def test_24_a_stranger_s_click_does_nothing(tmp_path: Path) -> None:
    """It is no decision."""
    async with discord_house(tmp_path) as lab:
        card = await lab.card(lab.asks("change tag=one"))
        await lab.server.click(lab.zed, card, button(card, "approve")).answered()
        lab.server.click(lab.ben, card, button(card, "approve"))
        await lab.settled(card, "Approved by ben")
        assert (await lab.kinds()).count("approval_given") == 1


async def test_23_two_clicks_at_once_are_one_decision(tmp_path: Path) -> None:
    """The one who came late is told so, in private."""
    async with discord_house(tmp_path) as lab:
        card = await lab.card(lab.asks("bump tag=one"))
        yes = button(card, "approve")
        clicks = [lab.server.click(one, card, yes) for one in (lab.ann, lab.ben)]
        await asyncio.gather(*(one.answered() for one in clicks))
        await lab.settled(card, "Approved by")
        await lab.happened("decision_refused")
        await lab.server.journal.until(
            lambda: any(one.replies for one in clicks), lambda: [one.replies for one in clicks]
        )
        await lab.happened("tool_returned")
        assert runs(tmp_path) == ["one"]


async def test_denied_with_a_reason_in_a_form(tmp_path: Path) -> None:
    """The reason is told to whoever asked."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("change tag=one")
        card = await lab.card(said)
        click = lab.server.click(lab.ben, card, button(card, "deny"))
        form = (await click.answered())["data"]["custom_id"]
        lab.server.submit(lab.ben, form, {"typed": "not on\na friday"})
        answers = await lab.answers(said, 2)
        assert "not on a friday" in answers[1].text
        assert runs(tmp_path) == []


async def test_changed_in_a_form_and_approved(tmp_path: Path) -> None:
    """The form has the arguments as they are; what runs is what was typed."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("bump tag=one")
        card = await lab.card(said)
        click = lab.server.click(lab.ben, card, button(card, "edit"))
        shown = (await click.answered())["data"]
        assert "tag=one" in str(shown)
        lab.server.submit(lab.ben, shown["custom_id"], {"typed": "tag=two"})
        await lab.happened("tool_returned")
        assert runs(tmp_path) == ["two"]


async def test_22_a_button_works_after_a_restart_and_past_the_token(tmp_path: Path) -> None:
    """Asked by one process, pressed when another is there; a form, too, outlives who showed it."""
    async with discord_house(tmp_path) as lab:
        card = await lab.card(lab.asks("change tag=one"))
        click = lab.server.click(lab.ben, card, button(card, "deny"))
        form = (await click.answered())["data"]["custom_id"]
        await lab.discord.stop()
        await lab.house.rest()
        await lab.discord.close()
        lab.discord = connect_discord(lab.server, lab.house)
        lab.house.hire(channels={"discord": lab.discord})
        await lab.discord.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
        lab.server.submit(lab.ben, form, {"typed": "no"})
        await lab.settled(card, "Refused by ben")


async def test_22_past_fifteen_minutes_people_are_told_all_the_same(tmp_path: Path) -> None:
    """The token of the click is dead: what was for their eyes comes as a direct message."""
    async with discord_house(tmp_path) as lab:
        card = await lab.card(lab.asks("change tag=one"))
        gate = asyncio.Event()
        lab.server.then(routes.FOLLOW_UP, held(gate))
        click = lab.server.click(lab.cas, card, button(card, "approve"))
        await click.answered()
        click.expire()
        gate.set()
        [told] = await lab.server.posted(lab.server.world.conversation(lab.cas))
        assert "you may not decide" in told.text


async def test_26_the_card_changes_after_the_commit(tmp_path: Path) -> None:
    """With nobody to fold it, the click is answered and the card is as it was."""
    async with discord_house(tmp_path) as lab:
        card = await lab.card(lab.asks("change tag=one"))
        await lab.house.rest()
        before = [*card.texts]
        await lab.server.click(lab.ben, card, button(card, "approve")).answered()
        await lab.happened("message_received", 2)
        assert card.texts == before
        lab.house.hire(channels={"discord": lab.discord})
        await lab.settled(card, "Approved by ben")


async def test_many_are_approved_with_one_press(tmp_path: Path) -> None:
    """Each is listed on the card that has the button."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("change tag=one")
        await lab.card(said)
        thread = await lab.server.threaded(said)
        lab.server.say(lab.ann, thread, "change tag=two")
        cards = await lab.answers(said, 2)
        await lab.server.journal.until(
            lambda: any("wk:all:" in name for card in cards for name in card.buttons),
            lambda: [card.buttons for card in cards],
        )
        both = next(one for one in cards if any("wk:all:" in name for name in one.buttons))
        assert "Also waiting here" in both.text
        lab.server.click(lab.ben, both, button(both, "all"))
        await lab.happened("tool_returned", 2)
        assert sorted(runs(tmp_path)) == ["one", "two"]
