"""The forms a value can have, the bounds it can have to keep, and the slips authors make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import Text

MAPPING = Text("eine Zuordnung (Schlüssel: Wert)", "a mapping (key: value)")
LIST = Text("eine Liste", "a list")
WHOLE = Text("eine ganze Zahl", "a whole number")
NUMBER = Text("eine Zahl", "a number")
_DAY = Text("ein Datum JJJJ-MM-TT", "a date YYYY-MM-DD")
_INSTANT = Text(
    "einen Zeitpunkt wie 2026-03-12T08:00:00Z", "an instant such as 2026-03-12T08:00:00Z"
)
_TIME = Text('eine Uhrzeit wie "12:30"', 'a time such as "12:30"')
_DURATION = Text("eine Dauer wie P3D", "a duration such as P3D")

FORMS = {
    "string_type": Text("Text", "text"),
    "string_sub_type": Text("Text", "text"),
    "int_type": WHOLE,
    "int_from_float": WHOLE,
    "int_parsing": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "decimal_type": NUMBER,
    "bool_type": Text("true oder false", "true or false"),
    "bool_parsing": Text("true oder false", "true or false"),
    "date_type": _DAY,
    "datetime_type": _INSTANT,
    "time_type": _TIME,
    "time_delta_type": _DURATION,
    "none_required": Text("null", "null"),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), LIST),
    **dict.fromkeys(("iterable_type", "sequence_str"), LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), MAPPING),
    **dict.fromkeys(("dataclass_type", "mapping_type", "arguments_type"), MAPPING),
}
CHOICES = frozenset({"literal_error", "enum", "union_tag_invalid"})
DATES = frozenset({"date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"})
MOMENTS = {
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "time_parsing": _TIME,
    "time_delta_parsing": _DURATION,
}
FORMATS = {
    "decimal_parsing": NUMBER,
    "url_parsing": Text("eine Adresse wie https://…", "an address such as https://…"),
    "url_type": Text("eine Adresse wie https://…", "an address such as https://…"),
    "uuid_parsing": Text("eine UUID", "a UUID"),
}


def _at_least(count: int, one: Text, many: Text) -> Text:
    kind = one if count == 1 else many
    return Text(f"braucht mindestens {count} {kind.de}", f"needs at least {count} {kind.en}")


def _at_most(count: int, one: Text, many: Text) -> Text:
    kind = one if count == 1 else many
    return Text(f"darf höchstens {count} {kind.de} haben", f"may have at most {count} {kind.en}")


_CHARACTERS = (Text("Zeichen", "character"), Text("Zeichen", "characters"))
_ENTRIES = (Text("Eintrag", "entry"), Text("Einträge", "entries"))
BOUNDS: dict[str, Callable[[dict[str, Any]], Text]] = {
    "greater_than": lambda c: Text(
        f"muss größer als {c['gt']} sein", f"must be greater than {c['gt']}"
    ),
    "greater_than_equal": lambda c: Text(
        f"muss mindestens {c['ge']} sein", f"must be at least {c['ge']}"
    ),
    "less_than": lambda c: Text(f"muss kleiner als {c['lt']} sein", f"must be less than {c['lt']}"),
    "less_than_equal": lambda c: Text(
        f"darf höchstens {c['le']} sein", f"must be at most {c['le']}"
    ),
    "multiple_of": lambda c: Text(
        f"muss ein Vielfaches von {c['multiple_of']} sein",
        f"must be a multiple of {c['multiple_of']}",
    ),
    "string_too_short": lambda c: _at_least(c["min_length"], *_CHARACTERS),
    "string_too_long": lambda c: _at_most(c["max_length"], *_CHARACTERS),
    "too_short": lambda c: _at_least(c["min_length"], *_ENTRIES),
    "too_long": lambda c: _at_most(c["max_length"], *_ENTRIES),
    "string_pattern_mismatch": lambda c: Text(
        f"passt nicht zum Muster {c['pattern']}", f"does not match the pattern {c['pattern']}"
    ),
}
