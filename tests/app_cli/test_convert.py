"""tableport convert: any dialect in, one out; no database, no home."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Terminal

MESSY = 'Name;Betrag;Datum\r\nJörg;1,50;31.01.2026\r\n"semi;colon";2,00;01.02.2026\r\n'
CLEAN = 'Name,Betrag,Datum\r\nJörg,"1,50",31.01.2026\r\nsemi;colon,"2,00",01.02.2026\r\n'


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    path = tmp_path / "messy.txt"
    path.write_bytes(MESSY.encode("cp1252"))
    return path


def test_one_file(terminal: Terminal, messy: Path, tmp_path: Path) -> None:
    target = tmp_path / "clean.csv"
    document = terminal.json("convert", messy, "-o", target, "--to", "csv")
    assert document == {
        "converted": 1,
        "files": [
            {
                "input": str(messy),
                "output": str(target),
                "rows": 2,
                "odd_rows": 0,
                "flaws": [],
                "warnings": document["files"][0]["warnings"],
            }
        ],
    }
    assert target.read_bytes().decode("utf-8") == CLEAN
    assert not terminal.home.exists()


def test_many_files_of_which_one_fails(terminal: Terminal, messy: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    last = tmp_path / "last.csv"
    last.write_text("a,b\n1,2\n")
    out = tmp_path / "out"
    document = terminal.json(
        "convert", messy, picture, last, "--out-dir", out, "--to", "csv", code=1
    )
    assert document["converted"] == 2
    assert document["error"]["code"] == "IMPORT_002"
    assert [("error" in file) for file in document["files"]] == [False, True, False]
    assert sorted(path.name for path in out.iterdir()) == ["last.csv.csv", "messy.txt.csv"]
    assert (out / "messy.txt.csv").read_bytes().decode("utf-8") == CLEAN


def test_rows_unlike_the_others_are_said(terminal: Terminal, tmp_path: Path) -> None:
    source, target = tmp_path / "ragged.csv", tmp_path / "out.csv"
    source.write_text("a,b\n1,2\n3,4,5\n6\n7,8\n")
    document = terminal.json("convert", source, "-o", target, "--to", "csv")
    (file,) = document["files"]
    assert (file["rows"], file["odd_rows"]) == (4, 2)
    assert file["flaws"][0] == "line 3: 3 cells where the header has 2: left over '5'"
    assert target.read_text().splitlines() == ["a,b", "1,2", "3,4", "6,", "7,8"]
    said = terminal.run("convert", source, "-o", target, "--to", "csv")
    assert "2 rows are not like the others" in said.stderr
    assert "left over '5'" in said.stderr


def test_words_for_people(terminal: Terminal, messy: Path, tmp_path: Path) -> None:
    done = terminal.run("convert", messy, "-o", tmp_path / "clean.csv", "--to", "csv")
    assert done.exit_code == 0
    assert "2 rows" in done.stdout


def test_options_override_what_is_detected(terminal: Terminal, tmp_path: Path) -> None:
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("a;b,c\n1;2,3\n")
    terminal.json("convert", source, "-o", target, "--to", "csv", "--option", "delimiter=;")
    assert target.read_text().splitlines() == ['a,"b,c"', '1,"2,3"']


def test_options_for_writing(terminal: Terminal, tmp_path: Path) -> None:
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("a,b\n1,é\n2,日\n")
    words = ("convert", source, "-o", target, "--to", "csv")
    options = ("encoding=iso-8859-1", "unencodable=replace", "delimiter=|", "line_end=lf")
    spelled = [word for option in options for word in ("--write-option", option)]
    (done,) = terminal.json(*words, *spelled)["files"]
    assert target.read_bytes() == b"a|b\n1|\xe9\n2|?\n"
    assert "For 1 character that iso-8859-1 does not have stands a ?." in done["warnings"]
    terminal.json(*words, "--preset", "excel")
    assert target.read_bytes().startswith(b"\xef\xbb\xbfa;b\r\n")
    wrong = terminal.json(*words, "--write-option", "row_limit=1", code=1)
    assert "no option of a conversion" in wrong["error"]["detail"]


def test_two_inputs_never_share_an_output(terminal: Terminal, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text("a\n1\n")
    document = terminal.json(
        "convert", tmp_path / "one/a.csv", tmp_path / "two/a.csv",
        "--out-dir", tmp_path / "out", "--to", "csv", code=2,
    )  # fmt: skip
    assert "both become" in document["error"]["detail"]


def test_an_unknown_format(terminal: Terminal, messy: Path, tmp_path: Path) -> None:
    document = terminal.json("convert", messy, "--out-dir", tmp_path, "--to", "papyrus", code=1)
    assert document["error"]["code"] == "IMPORT_002"


def test_a_file_without_rows(terminal: Terminal, tmp_path: Path) -> None:
    source, target = tmp_path / "header.csv", tmp_path / "out.csv"
    source.write_text("a;b\n")
    assert terminal.json("convert", source, "-o", target, "--to", "csv")["files"][0]["rows"] == 0
    assert target.read_text().splitlines() == ["a,b"]
    source.write_text("")
    (file,) = terminal.json("convert", source, "-o", target, "--to", "csv")["files"]
    assert (file["rows"], file["warnings"]) == (0, ["The file is empty."])
    assert target.read_bytes() == b""
    failed = terminal.json("convert", source, "-o", target, "--to", "json", code=1)
    assert failed["error"]["code"] == "IMPORT_002"


def test_no_header_is_invented(terminal: Terminal, tmp_path: Path) -> None:
    source, target = tmp_path / "bare.csv", tmp_path / "out.csv"
    source.write_text("1;2020-01-01;x\n2;2020-01-02;y\n3;2020-01-03;z\n")
    (file,) = terminal.json("convert", source, "-o", target, "--to", "csv")["files"]
    assert target.read_text().splitlines() == ["1,2020-01-01,x", "2,2020-01-02,y", "3,2020-01-03,z"]
    assert "no header" in file["warnings"][0]


def test_lines_left_out_are_said(terminal: Terminal, tmp_path: Path) -> None:
    source, target = tmp_path / "noted.csv", tmp_path / "out.csv"
    source.write_text("a,b,c\n1,2,3\n4,5,6\n\nSource: the office of figures\n")
    said = terminal.run("convert", source, "-o", target, "--to", "csv")
    assert "Source: the office of figures" in said.stderr
    assert target.read_text().splitlines() == ["a,b,c", "1,2,3", "4,5,6"]


def test_a_folder_that_cannot_be_made(terminal: Terminal, messy: Path) -> None:
    document = terminal.json("convert", messy, "--out-dir", messy / "x", "--to", "csv", code=1)
    assert document["error"]["code"] == "DATA_400"
    assert str(messy) in document["error"]["detail"]
