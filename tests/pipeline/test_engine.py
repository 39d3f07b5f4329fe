"""The local engine: options reach the workers, errors reach the caller, and what loses data is refused."""

from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.value_provider import RuntimeValueProvider

from pipeline.engine import MODES, Engine, EngineError


class NoteOption(beam.DoFn):
    """Writes the option `job_name`, as its worker knows it, to a file."""

    def process(self, path: str) -> None:
        Path(path).write_text(str(RuntimeValueProvider.get_value("job_name", str, None)))


class Fail(beam.DoFn):
    def process(self, element: int) -> None:
        raise ValueError(f"element {element} is bad")


def test_options_reach_worker_processes(tmp_path: Path) -> None:
    """By its name alone, Beam's runner starts worker processes that get none."""
    engine = Engine(workers=2, mode="multi_processing", beam_options=("--job_name=reached",))
    note = tmp_path / "note"
    engine.run(lambda root: root | beam.Create([str(note)]) | beam.ParDo(NoteOption()))
    assert note.read_text() == "reached"


@pytest.mark.parametrize("mode", MODES)
def test_an_error_in_a_worker_reaches_the_caller(mode: str) -> None:
    with pytest.raises(Exception, match="element 7 is bad"):
        Engine(workers=2, mode=mode).run(lambda root: root | beam.Create([7]) | beam.ParDo(Fail()))


@pytest.mark.parametrize("runner", ["DaskRunner", "apache_beam.runners.dask.dask_runner.DaskRunner", "DirectRunner"])
def test_runners_that_lose_data_or_download_are_refused(runner: str) -> None:
    with pytest.raises(EngineError, match="is refused"):
        Engine(runner)


def test_unknown_modes_and_counts_are_refused() -> None:
    with pytest.raises(EngineError, match="in_memory, multi_threading, multi_processing"):
        Engine(mode="fast")
    with pytest.raises(EngineError, match="at least 1"):
        Engine(workers=0)
