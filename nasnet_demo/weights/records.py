"""JSON as dataclasses and back: the annotation of a field says what it may hold, and a message names what is wrong.

Fields of `X | None` are None where nothing is known, and then they are not written. The key of a field is its name,
or the "key" of its metadata.
"""

import json
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from nasnet_demo.errors import WeightsError

SHOWN = 60  # characters of a wrong value in a message


class Rule(NamedTuple):
    """What a value must be, in words, and a function that checks it."""

    words: str
    holds: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    """Whether every program can show the text: no control characters, and no surrogates, which UTF-8 cannot write."""
    return isinstance(value, str) and all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") for c in value)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= sys.float_info.max  # so neither infinite nor NaN


TEXT = Rule("text without control characters", _is_text)
NUMBER = Rule("a number", _is_number)
WHOLE = Rule("a whole number", lambda value: type(value) is int and _is_number(value))
LIST = Rule("a list", lambda value: isinstance(value, list))
OBJECT = Rule("an object", lambda value: isinstance(value, dict))
PLAIN = {str: TEXT, float: NUMBER, int: WHOLE}

Line = Annotated[str, Rule("one line of text", lambda text: _is_text(text) and not {"\n", "\t"} & set(text))]
Share = Annotated[float, Rule("a number from 0 to 1", lambda x: _is_number(x) and 0 <= x <= 1)]
Amount = Annotated[float, Rule("a number from 0", lambda x: _is_number(x) and x >= 0)]
Positive = Annotated[float, Rule("a number above 0", lambda x: _is_number(x) and x > 0)]
Count = Annotated[int, Rule("a whole number from 0", lambda n: WHOLE.holds(n) and n >= 0)]


def read(kind: Any, value: Any, place: str = "") -> Any:
    """The value of a type, made from what `json.loads` gives; `place` is where it stands, such as "accuracy.crops".

    Types are str, int, float, Any, Annotated with a rule, tuple[X, ...], Mapping[str, X], X | None, dataclasses, and
    NamedTuples, which JSON writes as lists. Raises WeightsError with one line that names the place.
    """
    if kind is Any:
        return _anything(value, place)
    form, parts = get_origin(kind), get_args(kind)
    if kind in PLAIN or form is Annotated:
        return _require(PLAIN[kind] if kind in PLAIN else parts[1], value, place)
    if form in (Union, UnionType):
        return _one_of(parts, value, place)
    if form is tuple:
        return tuple(read(parts[0], item, f"{place}[{i}]") for i, item in enumerate(_require(LIST, value, place)))
    if form is Mapping:
        rows = _require(OBJECT, value, place).items()
        return {_require(TEXT, key, place): read(parts[1], item, _inside(place, key)) for key, item in rows}
    return _dataclass(kind, value, place) if is_dataclass(kind) else _named_tuple(kind, value, place)


def plain(value: Any) -> Any:
    """What `json.dumps` accepts, made from a value that `read` could give."""
    if is_dataclass(value):
        rows = ((_key(each), getattr(value, each.name)) for each in fields(value))
        return {key: plain(item) for key, item in rows if item is not None}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _require(rule: Rule, value: Any, place: str) -> Any:
    """The value, if the rule holds."""
    if rule.holds(value):
        return value
    shown = json.dumps(value)
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."
    raise WeightsError(f"{place or 'it'} must be {rule.words}, not {shown}")


def _anything(value: Any, place: str) -> Any:
    """The value as it is, if it can be written again."""
    if isinstance(value, dict):
        return {_require(TEXT, key, place): _anything(item, _inside(place, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_anything(item, f"{place}[{i}]") for i, item in enumerate(value)]
    return value if value is None or isinstance(value, bool) else _require(PLAIN[type(value)], value, place)


def _one_of(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    """None (or an empty object), or a value of the other kind; of two other kinds, one is text, the other is not."""
    if NoneType in kinds and value in (None, {}):
        return None
    others = [kind for kind in kinds if kind is not NoneType]
    return read(str if str in others and not isinstance(value, list | dict) else others[-1], value, place)


def _dataclass(kind: Any, value: Any, place: str) -> Any:
    rows, hints = _require(OBJECT, value, place), get_type_hints(kind, include_extras=True)
    known = {_key(each): each for each in fields(kind)}
    if odd := [key for key in rows if key not in known]:
        raise WeightsError(f"there is no {_inside(place, odd[0])}")
    if missing := [key for key, each in known.items() if key not in rows and _is_required(each)]:
        raise WeightsError(f"{_inside(place, missing[0])} is missing")
    return kind(**{known[key].name: read(hints[known[key].name], rows[key], _inside(place, key)) for key in rows})


def _named_tuple(kind: Any, value: Any, place: str) -> Any:
    hints = get_type_hints(kind)
    least = len(hints) - len(kind._field_defaults)
    rule = Rule(
        f"a list of {', '.join(hints)}", lambda rows: isinstance(rows, list) and least <= len(rows) <= len(hints)
    )
    rows = zip(hints.items(), _require(rule, value, place), strict=False)
    return kind(*(read(hint, item, _inside(place, name)) for (name, hint), item in rows))


def _key(each: Field) -> str:
    return each.metadata.get("key", each.name)


def _is_required(each: Field) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _inside(place: str, key: str) -> str:
    """Where the value of a key stands; a key that is not a plain word is quoted, so that it cannot break the line."""
    if key.isidentifier() and key.isascii():
        return f"{place}.{key}" if place else key
    return f"{place}[{json.dumps(key)}]"
