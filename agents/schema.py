"""Closed JSON schemas, in the small dialect that structured outputs take.

Bounds, patterns and formats are not part of it: they are left out here, and checked when the
answer is validated by the pydantic model that the schema was made from.
"""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, JsonValue

MOST_OPTIONAL = 24
MOST_UNIONS = 16

Schema = dict[str, JsonValue]

_NULL: Schema = {"type": "null"}
_SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})


def closed(model: type[BaseModel]) -> Schema:
    """The schema of a pydantic model: every object closed, every reference written out.

    The properties stand in the order of the fields, since that is the order in which a language
    model writes them. What may be null is optional instead, where the field has a default.
    Raises `ValueError` that names the field for what the dialect can not say: free-form maps,
    untyped values, tuples of several types, types that hold themselves.
    """
    whole: Schema = model.model_json_schema()
    return _Narrowing(_mapping(whole.get("$defs"))).schema(whole, model.__name__)


def an_object(
    properties: Mapping[str, JsonValue], optional: frozenset[str] = frozenset()
) -> Schema:
    """A closed object whose properties are all required, but for `optional`."""
    required: list[JsonValue] = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def constant(word: str) -> Schema:
    """The schema of this very word."""
    return {"type": "string", "const": word}


def too_large(schema: Mapping[str, JsonValue]) -> str:
    """Why structured outputs would not take a closed schema, for operators; "" if they would."""
    nodes = [*_nodes(schema)]
    optional = sum(
        len(_mapping(node.get("properties"))) - len(_list(node.get("required"))) for node in nodes
    )
    unions = sum("anyOf" in node for node in nodes)
    if optional > MOST_OPTIONAL:
        return f"{optional} optional arguments, of at most {MOST_OPTIONAL}: offer fewer tools"
    if unions > MOST_UNIONS:
        return f"{unions} arguments of several types, of at most {MOST_UNIONS}: offer fewer tools"
    return ""


def recased(value: JsonValue, schema: JsonValue) -> JsonValue:
    """The value with every word of an enum in the enum's own case; all else as it was."""
    node = _mapping(schema)
    if isinstance(value, str):
        return _own_case(value, node)
    if isinstance(value, dict):
        known = _mapping(node.get("properties"))
        if known:
            return {name: recased(each, known.get(name)) for name, each in value.items()}
    if isinstance(value, list) and "items" in node:
        return [recased(each, node["items"]) for each in value]
    branches = (recased(value, branch) for branch in _list(node.get("anyOf")))
    return next((each for each in branches if each != value), value)


def _own_case(value: str, node: Schema) -> str:
    words = [word for word in _words(node) if isinstance(word, str)]
    if value in words:
        return value
    return next((word for word in words if word.casefold() == value.casefold()), value)


def _words(node: Schema) -> Iterator[JsonValue]:
    """Every word that a string may be, if they are told."""
    yield from _list(node.get("enum"))
    yield from [node["const"]] if "const" in node else []
    for branch in _list(node.get("anyOf")):
        yield from _words(_mapping(branch))


def _nodes(node: Mapping[str, JsonValue]) -> Iterator[Mapping[str, JsonValue]]:
    """The schema itself and every schema inside it."""
    yield node
    inner = [*_mapping(node.get("properties")).values(), *_list(node.get("anyOf"))]
    for each in [*inner, node.get("items")]:
        if isinstance(each, dict):
            yield from _nodes(each)


class _Narrowing:
    """One model's schema, said again in the dialect. `defs`: what its references name."""

    def __init__(self, defs: Schema) -> None:
        self._defs = defs

    def schema(self, node: Schema, where: str, inside: frozenset[str] = frozenset()) -> Schema:
        """The node. `where` names it in errors, `inside` are the references it stands in."""
        if "$ref" in node:
            name = str(node["$ref"]).rpartition("/")[2]
            if name in inside:
                raise ValueError(f"{where}: a type that holds itself has no closed schema")
            return self.schema(_mapping(self._defs.get(name)), where, inside | {name})
        if "anyOf" in node or "oneOf" in node:
            branches = _list(node.get("anyOf")) or _list(node.get("oneOf"))
            return _any_of([self.schema(_mapping(each), where, inside) for each in branches])
        match node.get("type"):
            case "object":
                return self._object(node, where, inside)
            case "array" if isinstance(node.get("items"), dict):
                items = _mapping(node["items"])
                return {"type": "array", "items": self.schema(items, f"{where}[]", inside)}
            case str(kind) if kind in _SCALARS:
                told = {"type": kind} | {key: node[key] for key in ("enum", "const") if key in node}
                return {**told}
        raise ValueError(f"{where}: has no closed schema, give it one plain type")

    def _object(self, node: Schema, where: str, inside: frozenset[str]) -> Schema:
        if node.get("additionalProperties", False) is not False:
            raise ValueError(f"{where}: an object with free names has no closed schema")
        required, properties = _list(node.get("required")), {}
        optional: set[str] = set()
        for name, each in _mapping(node.get("properties")).items():
            field = _mapping(each)
            told = self.schema(field, f"{where}.{name}", inside)
            if name not in required and "const" not in told:
                optional.add(name)
                told = _without_null(told)
            if "description" in field:
                told = {**told, "description": field["description"]}
            properties[name] = told
        return an_object(properties, frozenset(optional))


def _without_null(node: Schema) -> Schema:
    branches = _list(node.get("anyOf"))
    return _any_of([_mapping(each) for each in branches if each != _NULL]) if branches else node


def _any_of(branches: list[Schema]) -> Schema:
    return branches[0] if len(branches) == 1 else {"anyOf": [*branches]}


def _mapping(value: JsonValue) -> Schema:
    return value if isinstance(value, dict) else {}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
