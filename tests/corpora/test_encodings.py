"""chardet's samples of encodings: read as detected, they give the text of their true encoding.

None is excluded.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.formats.text.encoding import decode_head, guess_encoding

#: Folders that mean more than they say: the programs that wrote the files had a few characters
#: beyond the standard, without which the files cannot be read at all.
WRITTEN_AS = {
    "Big5": "cp950", "EUC-KR": "cp949", "GB2312": "gb18030", "SHIFT_JIS": "cp932",
    "MacCyrillic": "mac-cyrillic",
}  # fmt: skip
REQUIRED = 0.95


def true_text(path: Path, data: bytes) -> str:
    folder = re.sub(r"-[a-z]{4,}$", "", path.parent.name)  # the language
    name = WRITTEN_AS.get(folder, folder)
    return data.decode(name, "replace").removeprefix("\ufeff")


@pytest.mark.parametrize("markup", [True, False], ids=["as they stand", "without their markup"])
def test_nearly_all_samples_are_read_as_what_they_are(corpora: Path, markup: bool) -> None:
    """Without markup no declaration in the file helps, and what is left looks like a table."""
    wrong, judged = [], 0
    for path in sorted((corpora / "encodings_chardet").glob("*/*")):
        data = path.read_bytes()
        if not markup and path.suffix != ".xml":
            continue
        if not markup:
            data = re.sub(rb"<[^<>]*>", b",", data)
        judged += 1
        found = guess_encoding(data, complete=True)
        if decode_head(data, found.encoding, complete=True) != true_text(path, data):
            wrong.append(f"{path.parent.name}/{path.name}: {found.encoding}")
    assert judged > 100
    assert len(wrong) <= judged * (1 - REQUIRED), wrong
