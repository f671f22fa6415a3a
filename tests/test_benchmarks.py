"""The benchmarks run, and a wrong result fails them; how long they take is not tested."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import checking, large_files, mapping, pipeline
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.benchmark import BenchmarkFailed, Measured, Result, Table, Wanted
from benchmarks.mapping_cases import made_cases
from benchmarks.mapping_tables import HELD_OUT
from benchmarks.measuring import Run, ratios, run_whole
from benchmarks.orders import contents, order_rows, write_orders
from benchmarks.report import as_markdown, on_page
from benchmarks.stopwatch import PARTS, Stopwatch, located
from benchmarks.targets import opened

ROWS = 2000
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
MAPPING_PAGE = PAGE.with_name("mapping.md")
#: Those that are hardest.
_SOME_HEADERS = ("cut words", "Field 1", "another language", "business names")
RESULT = Result(tables=(Table(title="T", columns=("", "s"), rows=(("a|b", "1"),)),), notes=("N.",))


def test_list_names_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [benchmark.name for benchmark in BENCHMARKS]
    modules = Path(__file__).parent.parent / "benchmarks"
    having = {f.stem for f in modules.glob("*.py") if "\nBENCHMARK = " in f.read_text("utf-8")}
    assert set(listed) == having


def test_loading_measures_both_ways_and_says_what_it_ran_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    words = ("loading", "--rows", str(ROWS), "--rounds", "1", "--on", "sqlite", "--json", str(file))
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "Load of the machine" in said
    assert f"{ROWS:,} rows" in said
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["machine"]["versions"]["Python"]
    for act in ("import", "export"):
        (run,) = found["benchmarks"]["loading"]["sqlite"][act]["tableport"]
        assert run["seconds"] > 0
        assert run["cpu_seconds"] > 0


def test_the_pipeline_is_held_against_the_shell_and_an_upsert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every run is a process of its own: the two that change rows of the table tell most.
    chosen = [case for case in pipeline.CASES if case.there == 2 or case.bad]
    monkeypatch.setattr(pipeline, "CASES", chosen)
    file = tmp_path / "figures.json"
    words = ("pipeline", "--rows", "500", "--rounds", "1", "--on", "sqlite", "--json", str(file))
    assert main(words) == 0
    found = json.loads(file.read_text(encoding="utf-8"))["benchmarks"]["pipeline"]["sqlite"]
    assert len(found) == len(chosen) == 2
    for runs in found.values():
        assert runs["pipeline"][0]["seconds"] > 0
        assert runs["baseline"][0]["seconds"] > 0


def test_a_warm_job_is_held_against_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("warm", "--rows", "300", "--rounds", "1", "--on", "sqlite")) == 0
    assert "A job in a warm worker" in capsys.readouterr().out


def test_the_pipeline_fails_when_a_cell_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = pipeline.Case(name="clean")
    monkeypatch.setattr(pipeline, "_expected", lambda *_: order_rows(49))
    wanted = Wanted(rows=50, rounds=1, databases=("sqlite",), megabytes=1, folder=tmp_path)
    with (
        opened("sqlite", tmp_path) as target,
        pytest.raises(BenchmarkFailed, match="other cells"),
    ):
        pipeline._held(target, case, wanted)


def test_checking_measures_bad_files_against_the_same_file_without_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every file is a process of its own, and the least bad one tells nothing more here.
    fewer = ("clean", "every tenth row bad in ten cells")
    monkeypatch.setattr(checking, "_CASES", {name: checking._CASES[name] for name in fewer})
    file = tmp_path / "figures.json"
    words = ("checking", "--rows", "600", "--rounds", "1", "--on", "sqlite", "--json", str(file))
    assert main(words) == 0
    found = json.loads(file.read_text(encoding="utf-8"))["benchmarks"]["checking"]["sqlite"]
    violations = [runs[0]["violations"] for runs in found.values()]
    assert violations[0] == 0
    assert violations[1] >= 600
    assert "memory at 3 ×" in capsys.readouterr().out


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["loadings"])
    assert end.value.code == 2
    assert "loadings" in capsys.readouterr().err


def test_other_cells_have_another_checksum_and_other_spellings_have_not(tmp_path: Path) -> None:
    source, other = tmp_path / "source.csv", tmp_path / "other.csv"
    write_orders(source, 50)
    text = source.read_text(encoding="utf-8")
    found = contents(source)
    assert found[0] == 50

    respelled = text.replace(",true,", ",t,").replace(",false,", ",0,").replace("+00:00", "+00")
    other.write_text(respelled.replace(",10.10,", ",10.1,"), encoding="utf-8")
    assert other.read_text(encoding="utf-8") != text
    assert contents(other) == found

    for change in (("two\nlines", "two lines"), (",10.10,", ",10.01,"), ("山田", "山本")):
        other.write_text(text.replace(*change), encoding="utf-8")
        assert contents(other) != found


def test_a_command_that_fails_is_told_with_what_it_said() -> None:
    with pytest.raises(BenchmarkFailed, match="no such luck"):
        run_whole((sys.executable, "-c", "raise SystemExit('no such luck')"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_counts_the_processes_a_command_starts() -> None:
    hungry = "import time; kept = b'x' * (80 << 20); time.sleep(1.5)"
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    run = run_whole((sys.executable, "-c", parent, hungry))
    assert run.own_memory is not None
    assert run.memory is not None
    assert run.own_memory < 60 << 20
    assert run.memory > 80 << 20


def test_ratios_compare_runs_of_the_same_round() -> None:
    def runs(*seconds: float) -> list[Run]:
        return [Run(seconds=s, cpu_seconds=s, own_memory=None, memory=None) for s in seconds]

    assert ratios(runs(2, 30, 6), runs(1, 10, 1)) == [2, 3, 6]


@pytest.mark.parametrize("place", PARTS)
def test_every_part_that_is_timed_is_there(place: str) -> None:
    owner, attribute = located(place)
    assert callable(getattr(owner, attribute))


def test_parts_within_parts_count_once() -> None:
    watch = Stopwatch()
    inner = watch.timed("inner", lambda: (n for n in range(3)))
    outer = watch.timed("outer", lambda: sum(inner()))
    with watch.part("all"):
        assert outer() == 3
    assert watch.calls == {"inner": 5, "outer": 1, "all": 1}
    assert all(seconds >= 0 for seconds in watch.seconds.values())


def test_results_go_to_their_place_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    measured = Measured(result=RESULT, load_before=1.0, load_after=2.5)
    markdown = as_markdown(measured, "Here.")
    assert "| a\\|b | 1 |" in markdown
    assert "1.00 before, 2.50 after" in markdown
    for benchmark in BENCHMARKS:
        if benchmark is mapping.BENCHMARK:
            page = MAPPING_PAGE.read_text(encoding="utf-8")
        refreshed = on_page(page, benchmark.name, markdown)
        assert markdown in refreshed
        assert on_page(refreshed, benchmark.name, markdown) == refreshed
    with pytest.raises(ValueError, match="no part"):
        on_page(page, "nothing", markdown)


@pytest.mark.parametrize("name", ["xml", "jsonl"])
def test_large_files_are_read_whole_by_a_confined_parser(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_files, "_ONCE", 500)
    file = tmp_path / f"large.{name}"
    rows = large_files.write_large(name, file, 300_000)
    assert file.stat().st_size > 300_000
    assert rows > 500
    assert large_files.read_large(file) == rows
    assert [left.name for left in tmp_path.glob(f"*.{name}")] == [file.name]


def test_what_is_mapped_by_itself_is_right(tmp_path: Path) -> None:
    """A part of what docs/mapping.md publishes, of files that nothing was tuned on."""
    some = HELD_OUT[HELD_OUT.index("= campaigns") : HELD_OUT.index("= cases")].rstrip()
    cases = made_cases(some, tmp_path, held_out=True, seed=3, fillings=[True])
    found = mapping.tallied(case for case in cases if case.variant in _SOME_HEADERS)
    assert set(found) == {*_SOME_HEADERS, "all together"}
    figures = found["all together"].figures
    assert figures["columns"] > 25
    assert figures["auto_precision"] >= 0.99
    assert figures["precision"] >= 0.99
    assert figures["auto_recall"] >= 0.45
    assert figures["recall"] >= 0.75
