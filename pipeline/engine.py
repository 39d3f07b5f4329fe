"""Which Beam runner runs a stage, and how: the local engine here; any other by its name and Beam's own options.

Beam's `DirectRunner` is never used: it looks for a binary to download. `FnApiRunner` is what it would fall back to.
"""

import os
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.runners.portability.portable_runner import JobServiceHandle
from apache_beam.transforms import environments

from pipeline.errors import UserError

LOCAL = "local"
MODES = ("in_memory", "multi_threading", "multi_processing")
WORKER_DIED_EXIT_CODE = 3

# Refused, with the reason that is shown.
REFUSED = {
    "DaskRunner": "it loses data without an error (tagged outputs, finish_bundle)",
    "DirectRunner": "it downloads a binary and ignores --direct-running-mode; --runner local is the local engine",
}


class EngineError(UserError):
    """An engine that cannot be used, or not like this."""


@dataclass(frozen=True)
class Engine:
    """`runner` is `local` or the name of a Beam runner, which reads `beam_options` ("--name=value")."""

    runner: str = LOCAL
    workers: int = 1
    mode: str = "in_memory"
    beam_options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        name = self.runner.rsplit(".", 1)[-1]
        if name in REFUSED:
            raise EngineError(f"--runner {self.runner} is refused: {REFUSED[name]}.")
        if self.mode not in MODES:
            raise EngineError(f"--direct-running-mode is one of {', '.join(MODES)}, not '{self.mode}'.")
        if self.workers < 1:
            raise EngineError(f"--workers must be at least 1, not {self.workers}.")

    def run(self, expand: Callable[[beam.Pipeline], None]) -> None:
        """Build a pipeline with `expand` and run it to its end. Raises what the runner raises when a worker fails."""
        options = PipelineOptions(list(self.beam_options))
        runner: beam.runners.PipelineRunner | str = self.runner
        if self.runner == LOCAL:
            direct = options.view_as(DirectOptions)
            direct.direct_num_workers, direct.direct_running_mode = self.workers, self.mode
            runner = local_runner(options)
        pipeline = beam.Pipeline(runner=runner, options=options)
        expand(pipeline)
        with _ended_by_dead_workers():
            pipeline.run().wait_until_finish()


def local_runner(options: PipelineOptions) -> fn_runner.FnApiRunner:
    """Beam's in-process runner in the mode that `options` name, with workers that get `options` and die with us.

    Named by its class alone, the runner gives its worker processes no options, and starts them with a command that
    lets them outlive a killed driver; so the worker's environment is made here.
    """
    encoded = JobServiceHandle.encode_pipeline_options(options.get_all_options())
    provision = fn_runner.ExtendedProvisionInfo(beam_provision_api_pb2.ProvisionInfo(pipeline_options=encoded))
    direct = options.view_as(DirectOptions)
    environment = environments.EmbeddedPythonEnvironment.default()
    if direct.direct_running_mode == "multi_threading":
        environment = environments.EmbeddedPythonGrpcEnvironment.default()
    elif direct.direct_running_mode == "multi_processing":
        command = f"exec {shlex.quote(sys.executable)} -m pipeline.worker {os.getpid()}"
        environment = environments.SubprocessSDKEnvironment.from_command_string(command)
    direct.direct_running_mode = "in_memory"  # so that the runner keeps the environment that it is given
    return fn_runner.FnApiRunner(default_environment=environment, provision_info=provision)


@contextmanager
def _ended_by_dead_workers() -> Iterator[None]:
    """End the process when a worker process of the local engine dies; Beam itself would wait for it for ever."""
    before = threading.excepthook

    def end(failure: threading.ExceptHookArgs) -> None:
        before(failure)
        if "Worker subprocess exited" in str(failure.exc_value):
            sys.stderr.write(
                f"\nA worker process died ({failure.exc_value}); -9 is most often the kernel's answer to memory that "
                "ran out. What was committed stays: run the same command again, with fewer --workers if need be.\n"
            )
            sys.stderr.flush()
            os._exit(WORKER_DIED_EXIT_CODE)

    threading.excepthook = end
    try:
        yield
    finally:
        threading.excepthook = before
