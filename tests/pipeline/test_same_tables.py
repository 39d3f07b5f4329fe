"""The same bytes, whatever the engine, the workers, the order of additions, and however often a build was killed."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.pipeline.corpora import IN_MEMORY, arguments, assert_same_tables, build, m3w
from tests.places import ROOT, SAMPLE

# Just before these writes, in this order: every stage is killed, `receipts/…` is between a data file and its receipt,
# `manifests/…` is when all units are done and the stage is not.
KILLS = (
    ("documents/", 2),
    ("receipts/extract/", 3),
    ("manifests/extract", 1),
    ("document_selection/", 1),
    ("receipts/dedupe/", 2),
    ("receipts/locate/", 2),
    ("images/", 2),
    ("receipts/fetch/", 1),
    ("receipts/select/", 3),
    ("shards/", 1),
    ("receipts/pack/", 1),
    ("index/", 1),
    ("receipts/encode/", 1),
    ("manifests/encode", 1),
)


def test_killed_in_every_stage(sample_corpus: Path, tmp_path: Path) -> None:
    for prefix, number in KILLS:
        command = [sys.executable, "-m", "tests.pipeline.killed", prefix, str(number), "--"]
        command += map(str, [*arguments(SAMPLE, tmp_path / "corpus"), *IN_MEMORY])
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == -signal.SIGKILL, (prefix, ended.stdout, ended.stderr)
    build(SAMPLE, tmp_path / "corpus", *IN_MEMORY)
    assert_same_tables(sample_corpus, tmp_path / "corpus")


@pytest.mark.slow
def test_half_of_the_files_first(sample_corpus: Path, tmp_path: Path) -> None:
    build(SAMPLE, tmp_path / "corpus", *IN_MEMORY, only="crawl-[13]")
    build(SAMPLE, tmp_path / "corpus", *IN_MEMORY, only="crawl-[24]")
    assert_same_tables(sample_corpus, tmp_path / "corpus")


@pytest.mark.parametrize(
    ("workers", "mode"), [pytest.param(2, "multi_processing", marks=pytest.mark.slow), (2, "multi_threading")]
)
def test_workers_and_modes(sample_corpus: Path, tmp_path: Path, workers: int, mode: str) -> None:
    build(SAMPLE, tmp_path / "corpus", "--workers", workers, "--direct-running-mode", mode)
    assert_same_tables(sample_corpus, tmp_path / "corpus")


@pytest.mark.slow
def test_a_killed_driver_takes_its_workers_along(sample_corpus: Path, tmp_path: Path) -> None:
    """Killed in multi-processing mode as soon as a stage has its first receipt, then finished."""
    corpus = tmp_path / "corpus"
    more = ["--workers", "2", "--direct-running-mode", "multi_processing"]
    command = [str(Path(sys.executable).with_name("m3w")), *map(str, arguments(SAMPLE, corpus)), *more]
    for stage in ("extract", "fetch"):
        driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not list((corpus / "receipts" / stage).glob("*.json")):
            assert driver.poll() is None
            time.sleep(0.005)
        driver.kill()
        driver.wait()
    m3w(*arguments(SAMPLE, corpus), *more)
    assert_same_tables(sample_corpus, corpus)


def test_a_dead_worker_ends_the_run_with_a_clear_error(tmp_path: Path) -> None:
    """One worker process is killed as the kernel would when memory runs out."""
    command = [str(Path(sys.executable).with_name("m3w")), *map(str, arguments(SAMPLE, tmp_path / "corpus"))]
    command += ["--workers", "2", "--direct-running-mode", "multi_processing"]
    driver = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    workers: list[psutil.Process] = []
    while len(workers) < 2:
        assert driver.poll() is None
        workers = [p for p in psutil.Process(driver.pid).children() if "pipeline.worker" in p.cmdline()]
        time.sleep(0.01)
    workers[0].kill()
    output, _ = driver.communicate(timeout=60)
    assert driver.returncode == 3
    assert "A worker process died" in output
    psutil.wait_procs(workers, timeout=10)
    assert not any(worker.is_running() for worker in workers)


@pytest.mark.slow
def test_a_job_service_with_workers_started_by_our_boot_program(sample_corpus: Path, tmp_path: Path) -> None:
    """Beam's portable runner: the graph travels as a proto, workers get all they know from the provision service."""
    boot = Path(sys.executable).with_name("m3w-boot")
    with _service(tmp_path, "apache_beam.runners.portability.local_job_service_main", "--port") as job_port:
        pool = "apache_beam.runners.worker.worker_pool_main"
        with _service(tmp_path, pool, "--service_port", f"--container_executable={boot}") as pool_port:
            options = [
                f"--job_endpoint=localhost:{job_port}",
                "--environment_type=EXTERNAL",
                f"--environment_config=localhost:{pool_port}",
            ]
            beam = [part for option in options for part in ("--beam-option", option)]
            build(SAMPLE, tmp_path / "corpus", "--runner", "PortableRunner", *beam)
    assert_same_tables(sample_corpus, tmp_path / "corpus")


@contextmanager
def _service(folder: Path, module: str, port_flag: str, *flags: str) -> Iterator[int]:
    """Run one of Beam's services on a free port, from another folder than the project's."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", module, f"{port_flag}={port}", *flags]
    with (folder / f"{port}.log").open("w") as log:
        service = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(port, service)
            yield port
        finally:
            service.terminate()
            service.wait()


def _wait_for(port: int, service: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert service.poll() is None
        with socket.socket() as connection:
            if connection.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens at port {port}")
