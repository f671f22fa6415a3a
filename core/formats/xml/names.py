"""Names of elements and attributes, the paths they make, and the columns named after them."""

from __future__ import annotations

import re

from core.formats.json.records import split_path

SEPARATOR = "\f"  #: between URI, name and prefix; XML can hold it nowhere
XSI = f"http://www.w3.org/2001/XMLSchema-instance{SEPARATOR}"
#: Namespace of the attribute our writer marks escaped cells with.
OURS_URI = "urn:tableport"
OURS = f"{OURS_URI}{SEPARATOR}"
FIELD = "field"  #: an element that has its name in an attribute, as in mysqldump's XML
_AT = re.compile(r"(^|\.)@")
_BEFORE_AT = re.compile(r"(^|\.)(?=@)")


class Names(dict[str, str]):
    """Short names by names with namespaces: bare, or with a prefix where two would clash.

    Keys are as the parser tells names: name, URI and name, or URI, name and prefix, joined by
    SEPARATOR. The namespace in which a bare name is met first has it; so what comes later in a
    file changes no name met before.
    """

    def __init__(self) -> None:
        super().__init__()
        self._taken: dict[str, str] = {}  # short name to URI

    def __missing__(self, qualified: str) -> str:
        short = self[qualified] = self._shortened(qualified)
        return short

    def _shortened(self, qualified: str) -> str:
        parts = qualified.split(SEPARATOR)
        uri, name = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
        choices = [name, f"{parts[2]}:{name}"] if len(parts) > 2 else [name]
        for short in choices:
            if self._taken.setdefault(short, uri) == uri:
                return short
        return f"{{{uri}}}{name}"


def path_of(record_path: str | None) -> tuple[str, ...]:
    """The names that lead to the records, from the root on, parted by dots or slashes.

    `\\.` is a dot inside a name. A path with a slash is parted by slashes alone.
    """
    if record_path and "/" in record_path and "{" not in record_path:
        return tuple(record_path.strip("/").split("/"))
    return split_path(record_path)


def field_key(name: str) -> str:
    """The key of an element whose name stands in an attribute: no leading @ marks it as one."""
    return _BEFORE_AT.sub(r"\1@", name)


def column_name(key: str) -> str:
    """A column's name from the dotted path to it: attributes lose their @."""
    return _AT.sub(r"\1", key)
