"""`m3w-boot`: starts one Beam worker on a node that has this package and nothing else (no container, no Go binary).

Follows Beam's container contract (sdks/python/container/boot.go of Beam 2.77): the runner gives the endpoints as
flags, the provision service gives the pipeline options, and the SDK worker reads both from its environment.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import grpc
from apache_beam.portability.api import (
    beam_provision_api_pb2,
    beam_provision_api_pb2_grpc,
    endpoints_pb2,
)
from google.protobuf import json_format, text_format

PROVISION_TIMEOUT_S = 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="m3w-boot", description=__doc__)
    parser.add_argument("--id", required=True, help="worker id that the runner chose")
    for service in ("provision", "control", "logging", "artifact"):
        parser.add_argument(f"--{service}_endpoint", default="", help=f"address of the {service} service")
    flags, _ = parser.parse_known_args()
    info = _provision(flags.provision_endpoint, flags.id)
    folder = Path(tempfile.mkdtemp(prefix="m3w-worker-"))
    options = folder / "options.json"
    options.write_text(json_format.MessageToJson(info.pipeline_options), encoding="utf-8")
    environment = os.environ | {
        "WORKER_ID": flags.id,
        "PIPELINE_OPTIONS_FILE": str(options),
        "LOGGING_API_SERVICE_DESCRIPTOR": _descriptor(flags.logging_endpoint or info.logging_endpoint.url),
        "CONTROL_API_SERVICE_DESCRIPTOR": _descriptor(flags.control_endpoint or info.control_endpoint.url),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
        "SEMI_PERSISTENT_DIRECTORY": str(folder),
    }
    command = [sys.executable, "-m", "apache_beam.runners.worker.sdk_worker_main"]
    os.execve(sys.executable, command, environment)


def _provision(endpoint: str, worker_id: str) -> beam_provision_api_pb2.ProvisionInfo:
    with grpc.insecure_channel(endpoint) as channel:
        service = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
        request = beam_provision_api_pb2.GetProvisionInfoRequest()
        answer = service.GetProvisionInfo(request, timeout=PROVISION_TIMEOUT_S, metadata=[("worker_id", worker_id)])
    return answer.info


def _descriptor(url: str) -> str:
    return str(text_format.MessageToString(endpoints_pb2.ApiServiceDescriptor(url=url)))


if __name__ == "__main__":
    main()
