"""The guide's export_options, in every spelling its clients use (REQUIREMENTS §3.6).

They become fields of an ExportPlan. The guide's clients send all options whatever the format,
so those a format does not have are checked and change nothing. An option nobody knows, or that
asks for what Tableport does not do, is refused by name: ignoring it would make a file its owner
did not ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import InvalidRequest
from core.formats import by_name
from core.formats.text.encoding import plain_codec
from core.model.export_options import BY_NAME, PRESETS, ExportOption, OptionKind, Preset
from core.model.packing import PACKINGS

#: What the guide's clients also send, and what asks for nothing.
_LOOKS = {"label", "datetime_format", "record_path"}
#: What Tableport does not do, with the values that do not ask for it.
_NOT_DONE: Mapping[str, tuple[Any, ...]] = {
    "operation": ("full", "filtered"),
    "split_files": (False,),
    "max_rows_per_file": (),
}
#: none: not even when the file turns out large.
_COMPRESSIONS = ("none", *PACKINGS)
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def parse_export_options(document: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of ExportPlan, `format` and, under `dialect`, fields of Dialect.

    Raises InvalidRequest naming the option at fault.
    """
    found: dict[str, Any] = {"dialect": {}}
    packed = False
    for given, value in _with_preset(document).items():
        name = _snake(given)
        if value is None or value == "" or name in _LOOKS:
            continue
        if name in BY_NAME:
            _set(found, BY_NAME[name], read_option(BY_NAME[name], given, value))
        elif name in _OTHERS:
            target, read = _OTHERS[name]
            found[target] = read(given, value)
        elif name in ("compression", "compression_type"):
            found["dialect"]["compression"] = _compression(given, value)
        elif name == "compress":
            packed = _flag(given, value)
        elif name not in _NOT_DONE:
            raise InvalidRequest(f"There is no export option {given!r}.")
        elif value not in _NOT_DONE[name]:
            raise InvalidRequest(f"Tableport does not do {given} = {value!r}; leave it out.")
    _pack(found, asked=packed)
    return found


def options_from_text(texts: Mapping[str, str | None]) -> dict[str, Any]:
    """Options as a command line gives them, with flags and numbers as such."""
    found: dict[str, Any] = {}
    for given, text in texts.items():
        option = BY_NAME.get(_snake(given))
        kind = option.kind if option else None
        found[given] = text
        if text is None:
            continue
        if kind is OptionKind.FLAG or given in ("compress", "split_files"):
            found[given] = _FLAGS.get(text.strip().lower(), text)
        elif (kind is OptionKind.COUNT or given in _COUNTS) and text.strip().isdecimal():
            found[given] = int(text)
    return found


def read_option(option: ExportOption, given: str, value: Any) -> Any:
    """The value for the option's field. Raises InvalidRequest, calling the option `given`."""
    if option.kind is OptionKind.FLAG:
        return _flag(given, value)
    if option.kind is OptionKind.COUNT:
        return _count(given, value)
    text = _text(given, value)
    if option.name == "null_representation":
        return (text,)
    if option.name == "encoding":
        return _encoding(given, option.spellings.get(text.lower(), text))
    text = option.spellings.get(text.lower(), text)
    if option.kind is OptionKind.CHOICE and text not in option.choices and option.other is None:
        known = ", ".join(repr(choice) for choice in option.choices if choice is not None)
        raise InvalidRequest(f"{given}: {value!r} is not one of {known}.")
    return None if option.name == "quote" and text == "none" else text


def require_preset_for(format_name: str, document: Mapping[str, Any]) -> None:
    """Is a preset asked for that is made for this format? Raises InvalidRequest otherwise."""
    preset = _preset(document)
    if preset is not None and preset.format != by_name(format_name).name:
        raise InvalidRequest(f"preset: {preset.name} is for {preset.format} files.")


def _with_preset(document: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the preset, and over them those that are given."""
    preset = _preset(document)
    given = {name: value for name, value in document.items() if _snake(name) != "preset"}
    if preset is None:
        return given
    said = {BY_NAME[_snake(n)].name for n, v in given.items() if _snake(n) in BY_NAME and v != ""}
    return {name: v for name, v in preset.options.items() if name not in said} | given


def _preset(document: Mapping[str, Any]) -> Preset | None:
    wanted = next((v for name, v in document.items() if _snake(name) == "preset"), None)
    if not wanted:
        return None
    for preset in PRESETS:
        if preset.name == wanted:
            return preset
    raise InvalidRequest(
        f"preset: {wanted!r} is not one of {', '.join(preset.name for preset in PRESETS)}."
    )


def _set(found: dict[str, Any], option: ExportOption, value: Any) -> None:
    fields = found["dialect"] if option.of_dialect else found
    fields[option.target] = value


def _pack(found: dict[str, Any], *, asked: bool) -> None:
    """How the file is packed: as named, or zipped when packing alone was `asked` for."""
    named = found["dialect"].pop("compression", "zip" if asked else None)
    if named == "none":
        found["zip_when_large"] = False
    elif named is not None:
        found["dialect"]["compression"] = named


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidRequest(f"{name}: true or false is expected.")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{name}: a text is expected.")
    return value


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidRequest(f"{name}: a whole number from 1 is expected.")
    return value


def _compression(name: str, value: Any) -> str:
    if value not in _COMPRESSIONS:
        raise InvalidRequest(f"{name}: {value!r} is not one of {', '.join(_COMPRESSIONS)}.")
    return str(value)


def _encoding(name: str, value: str) -> str:
    codec = value.lower()
    try:
        plain_codec(codec)
    except InvalidRequest:
        raise InvalidRequest(f"{name}: there is no encoding {value!r}.") from None
    return codec


_OTHERS: Mapping[str, tuple[str, Callable[[str, Any], Any]]] = {
    "format": ("format", _text),
    "filename": ("filename", _text),
    "row_limit": ("limit", _count),
    "limit": ("limit", _count),
    "search_term": ("search", _text),
    "search": ("search", _text),
}
_COUNTS = frozenset({"row_limit", "limit"})
