"""What may come in: the extension, the content behind it, the test virus, a virus scanner.

`Screener` looks at an upload while it streams past, so that refused content is never kept.
What only a parser can see (archives that explode, entities, aliases) is the matter of the
formats.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from core.errors import InvalidFormat, UnsafeContent
from core.files.clamd import ClamdScan
from core.files.filenames import display_name, extension_of
from core.model.content import JSON, OLE, PARQUET, XML, ZIP, Content, identify
from core.model.packing import (
    EXTENSIONS,
    PACKED_INSIDE,
    Packing,
    by_extension,
    data_name,
    packing_of,
)
from core.settings import FAMILIES, family_of

#: Bytes of the beginning that are looked at.
HEAD_BYTES = 1 << 16

#: What content of a family may be recognised as; YAML holds all of JSON (YAML 1.2.2, 1.2).
_HONEST = {"xml": XML, "json": JSON, "yaml": JSON, "parquet": PARQUET}

# The test file of the European Institute for Computer Antivirus Research, in two pieces so
# that no scanner takes this module for it.
_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def screen_upload(head: bytes, filename: str, *, scan: bool, allowed: Collection[str]) -> str:
    """Check name and beginning of an upload.

    Args:
        head: the first bytes, up to HEAD_BYTES; all of them if there are fewer.
        filename: as the user named it.
        scan: whether to compare the content with the name.
        allowed: families that may be uploaded (`Settings.import_allowed_extensions`).

    Returns:
        The family: csv, json, excel, xml or yaml.

    Raises:
        InvalidFormat: the extension is not allowed, or the content is of another kind.
    """
    shown = display_name(filename)
    packing = by_extension(shown)
    if packing is not None:
        return _screen_packed(head, shown, packing, scan=scan, allowed=allowed)
    family = _family(shown, allowed)
    if scan:
        _compare(head, shown, extension_of(shown), family)
    return family


def _screen_packed(
    head: bytes, shown: str, packing: Packing, *, scan: bool, allowed: Collection[str]
) -> str:
    """What is inside counts, as its name says it: of an archive that is the name of its member."""
    if scan and head and packing_of(head) != packing:
        content = identify(head)
        what = content.what if content else "not packed"
        raise InvalidFormat(
            f"{shown} is named {packing.extension} but is {what}. Name it after what it is"
        )
    inside = display_name(data_name(head, shown))
    if not head and packing.name == "zip" and not extension_of(inside):
        return "csv"  # any name will do until the content tells that of the member
    family = _family(inside, allowed)
    if family in PACKED_INSIDE:
        raise InvalidFormat(f"{shown} packs a workbook once more: upload the workbook itself")
    return family


def _family(shown: str, allowed: Collection[str]) -> str:
    extension = extension_of(shown)
    family = family_of(extension) if extension else None
    if family is None or family not in allowed:
        known = ", ".join(e for name in FAMILIES if name in allowed for e in FAMILIES[name])
        what = f"ends in {extension}" if extension else "has no extension"
        packed = ", ".join(EXTENSIONS)
        raise InvalidFormat(
            f"The name {shown} {what}; files ending in {known} can be uploaded, text files also "
            f"packed ({packed})"
        )
    return family


class Screener:
    """Looks at one upload piece by piece.

    Feed it every byte in order, then call `finish`; or let it pass a stream of pieces on.
    """

    def __init__(
        self, filename: str, *, allowed: Collection[str], scan: bool, clamd: str | None = None
    ) -> None:
        """Start an upload.

        Args:
            filename: as the user named it.
            allowed: families that may be uploaded.
            scan: whether to look at the content at all (IMPORT_SCAN_CONTENT).
            clamd: address of a virus scanner to ask as well (TABLEPORT_CLAMD_SOCKET).

        Raises:
            InvalidFormat: already the name's extension is not allowed.
        """
        screen_upload(b"", filename, scan=False, allowed=allowed)
        self._filename = filename
        self._allowed = allowed
        self._scan = scan
        self._address = clamd if scan else None
        self._head = bytearray()
        self._judged = False
        self._tail = b""
        self._clamd: ClamdScan | None = None

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Hand on `chunks`, each after it was looked at; raises what `feed` and `finish` raise."""
        try:
            for chunk in chunks:
                self.feed(chunk)
                yield chunk
            self.finish()
        finally:
            self.close()

    def feed(self, chunk: bytes) -> None:
        """Look at the next piece.

        Raises:
            InvalidFormat: the content is not what the name says.
            UnsafeContent: it holds the test virus.
            ConfigurationError: the virus scanner is set but cannot be asked.
        """
        if not self._judged:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
            if len(self._head) >= HEAD_BYTES:
                self._judge()
        if not self._scan:
            return
        # The string may lie across two pieces: keep all of it but one byte.
        window = self._tail + chunk
        if _EICAR in window:
            raise UnsafeContent(
                f"{display_name(self._filename)} holds the EICAR anti-virus test string"
            )
        self._tail = window[-(len(_EICAR) - 1) :]
        if self._address is not None:
            if self._clamd is None:
                self._clamd = ClamdScan(self._address)
            self._clamd.feed(chunk)

    def finish(self) -> str:
        """Say the family once everything was fed; raises what `feed` raises.

        Raises:
            UnsafeContent: the virus scanner found something.
        """
        family = self._judge()
        if self._address is not None and self._clamd is None:
            self._clamd = ClamdScan(self._address)
        if self._clamd is not None:
            found = self._clamd.verdict()
            if found:
                raise UnsafeContent(
                    f"The virus scanner refused {display_name(self._filename)}: {found}"
                )
        return family

    def close(self) -> None:
        """Hang up on the virus scanner; without effect after that."""
        if self._clamd is not None:
            self._clamd.close()

    def _judge(self) -> str:
        self._judged = True
        return screen_upload(
            bytes(self._head), self._filename, scan=self._scan, allowed=self._allowed
        )


def _compare(head: bytes, shown: str, extension: str, family: str) -> None:
    content = identify(head)
    if family == "excel":
        _compare_workbook(head, shown, extension, content)
        return
    if content is not None and content != _HONEST.get(family):
        raise InvalidFormat(f"{shown} is named {extension} but is {content.what}: {content.remedy}")


def _compare_workbook(head: bytes, shown: str, extension: str, content: Content | None) -> None:
    if content == ZIP or (extension == ".xls" and content == OLE):
        return
    if content == OLE:
        raise InvalidFormat(
            f"{shown} is a workbook protected by a password, or an old .xls workbook renamed. "
            "Save it without a password as an .xlsx workbook and try again"
        )
    if content is not None:
        what = content.what
    else:
        what = "not a workbook: its content looks like text" if head else "empty"
    raise InvalidFormat(
        f"{shown} is named {extension} but is {what}. Save it as a workbook, or name it after "
        "what it holds"
    )
