"""Forms: what may open one, which are shown, and what is sent with them."""

from collections.abc import Mapping
from typing import Any

from tests.slack_server import payloads
from tests.slack_server.blocks import numbered
from tests.slack_server.limits import check_view
from tests.slack_server.things import Form, User
from tests.slack_server.web_api import Method
from tests.slack_server.wire import Payload, Refused, parsed, text_of
from tests.slack_server.world import World


class Views:
    """All forms, oldest first, and the triggers that can still open one."""

    def __init__(self, world: World) -> None:
        self.forms: list[Form] = []
        self._world = world
        self._triggers: dict[str, User] = {}
        self._used: set[str] = set()

    def methods(self) -> dict[str, Method]:
        """The methods, by name."""
        return {"views.open": self._open, "views.update": self._update}

    def trigger(self, user: User) -> str:
        """What somebody just did: a form can be opened for them with it, once."""
        trigger = self._world.clock.name("1337.")
        self._triggers[trigger] = user
        return trigger

    def expire(self) -> None:
        """Three seconds pass: no trigger of now can open a form any more."""
        self._triggers.clear()

    def shown_to(self, user: User) -> Form | None:
        """What they see on top."""
        return next((form for form in reversed(self.forms) if self._is_for(form, user)), None)

    def answered(self, form: Form, answer: Payload) -> None:
        """What becomes of a form by what its submission was acked with."""
        match answer.get("response_action"):
            case None:
                form.is_open = False
            case "clear":
                for one in self.forms:
                    one.is_open = one.is_open and one.user is not form.user
            case "errors":
                form.errors = answer["errors"]
            case "update":
                self._show(form, answer["view"])
            case "push":
                self._add(form.user, answer["view"])
        self._world.journal.tell()

    def _is_for(self, form: Form, user: User) -> bool:
        return form.is_open and form.user is user

    def _open(self, args: Payload) -> Payload:
        trigger, view = text_of(args, "trigger_id"), parsed(args, "view")
        if trigger in self._used:
            raise Refused("exchanged_trigger_id")
        if not trigger.startswith("1337."):
            raise Refused("invalid_trigger_id" if trigger else "invalid_arguments")
        if trigger not in self._triggers:
            raise Refused("expired_trigger_id")
        check_view(view)
        self._used.add(trigger)
        return {"view": payloads.form(self._add(self._triggers.pop(trigger), view))}

    def _update(self, args: Payload) -> Payload:
        form = next((one for one in self.forms if one.id == text_of(args, "view_id")), None)
        if form is None or not form.is_open:
            raise Refused("not_found")
        check_view(parsed(args, "view"))
        self._show(form, parsed(args, "view"))
        return {"view": payloads.form(form)}

    def _add(self, user: User, view: Payload) -> Form:
        form = Form(id=self._world.clock.name("V"), user=user, view={})
        self.forms.append(form)
        self._show(form, view)
        return form

    def _show(self, form: Form, view: Payload) -> None:
        form.view = {**view, "blocks": numbered(view["blocks"])}
        form.errors = {}
        self._world.journal.tell()


def submission(form: Form, values: Mapping[str, Any]) -> Payload:
    """The form with values in its inputs, each named by its block's id or by its action's."""
    state: Payload = {}
    left = dict(values)
    for block in form.view["blocks"]:
        element = block.get("element") or {}
        if block["type"] != "input":
            continue
        names = [name for name in (block["block_id"], element.get("action_id")) if name in left]
        value = left.pop(names[0]) if names else None
        if value is None and not _initial(element) and not block.get("optional"):
            raise LookupError(f"{block['block_id']} has to be filled in")
        state[block["block_id"]] = {element.get("action_id", ""): _filled(element, value)}
    if left:
        raise LookupError(f"the form has no {sorted(left)}, only {sorted(state)}")
    return {**payloads.form(form), "state": {"values": state}}


def _initial(element: Payload) -> Any:
    names = ("initial_value", "initial_option", "initial_options", "initial_date")
    return next((element[name] for name in names if name in element), None)


def _filled(element: Payload, value: Any) -> Payload:
    kind = element["type"]
    if kind in ("static_select", "radio_buttons"):
        return {"type": kind, "selected_option": _option(element, value) or _initial(element)}
    if kind in ("multi_static_select", "checkboxes"):
        chosen = [_option(element, one) for one in value or ()]
        return {"type": kind, "selected_options": chosen or _initial(element) or []}
    if kind == "users_select":
        return {"type": kind, "selected_user": value}
    if kind == "datepicker":
        return {"type": kind, "selected_date": value or _initial(element)}
    return {"type": kind, "value": _initial(element) if value is None else value}


def _option(element: Payload, value: Any) -> Payload | None:
    if value is None:
        return None
    options: list[Payload] = element.get("options") or []
    for option in options:
        if option["value"] == value:
            return option
    raise LookupError(f"there is no {value!r}, only {[one['value'] for one in options]}")
