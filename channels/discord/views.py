"""Posts and forms as discord.py's own objects; every one of our buttons is a `DynamicItem`."""

import re
from typing import Protocol

import discord
from discord import ui

from channels.discord.cards import Button, Layout
from channels.discord.clicks import TEMPLATE, Form
from channels.discord.outbound import Post

_STYLES = {
    "primary": discord.ButtonStyle.success,
    "danger": discord.ButtonStyle.danger,
    "plain": discord.ButtonStyle.secondary,
}
_OPEN, _SETTLED = 0xE0A030, 0x707070
_TITLE, _LABEL, _TYPED = 45, 45, 3_000


class Pressable(Protocol):
    """A client that our buttons may be pressed at."""

    async def on_pressed(self, interaction: discord.Interaction, name: str) -> None:
        """Somebody pressed the button of that name."""
        ...


class Pressing(ui.DynamicItem[ui.Button[ui.LayoutView]], template=TEMPLATE):
    """A button that is known by its name alone, so that it outlives whoever made it."""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,  # noqa: ARG003
        item: ui.Item[ui.LayoutView],
        match: re.Match[str],  # noqa: ARG003
    ) -> "Pressing":
        """The button that was pressed, whatever process sent it."""
        if not isinstance(item, ui.Button):
            raise TypeError("it is no button")
        return cls(item)

    async def callback(self, interaction: discord.Interaction) -> None:
        """It goes to the client that heard it."""
        client: Pressable = interaction.client  # type: ignore[assignment]
        await client.on_pressed(interaction, self.custom_id)


def layout(post: Post, *, attached: str = "") -> ui.LayoutView:
    """A post that is made of components. attached: the name of the file that goes with it."""
    view = ui.LayoutView(timeout=None)
    if post.text.strip():
        view.add_item(ui.TextDisplay(post.text, id=post.number))
    if post.layout is not None:
        view.add_item(_box(post.layout, marked=0 if post.text.strip() else post.number))
    if attached:
        view.add_item(ui.File(f"attachment://{attached}"))
    view.stop()  # our buttons are found by their names: nothing of it need be kept
    return view


def progress(text: str, stop: Button) -> ui.LayoutView:
    """What is being done, with a button that calls it off."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    view.add_item(_row((stop,)))
    view.stop()
    return view


def form(told: Form) -> ui.Modal:
    """One field to fill in. It is read by its name, so nothing of it is kept here."""
    modal = ui.Modal(title=told.title[:_TITLE], custom_id=told.custom_id, timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        style=discord.TextStyle.paragraph,
        custom_id="typed",
        default=told.value[:_TYPED] or None,
        max_length=_TYPED,
    )
    modal.add_item(ui.Label(text=told.label[:_LABEL], component=field))
    modal.stop()
    return modal


def _box(shown: Layout, *, marked: int) -> ui.Container[ui.LayoutView]:
    first, *others = shown.texts
    texts = [ui.TextDisplay[ui.LayoutView](first, id=marked or None)]
    texts += [ui.TextDisplay[ui.LayoutView](text) for text in others]
    rows = [_row(row) for row in shown.rows]
    return ui.Container(*texts, *rows, accent_colour=_OPEN if shown.open else _SETTLED)


def _row(buttons: tuple[Button, ...]) -> ui.ActionRow[ui.LayoutView]:
    row = ui.ActionRow[ui.LayoutView]()
    for one in buttons:
        button = ui.Button[ui.LayoutView](
            label=one.label, custom_id=one.custom_id, style=_STYLES[one.style]
        )
        row.add_item(Pressing(button))
    return row
