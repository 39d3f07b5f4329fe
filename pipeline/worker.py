"""`python -m pipeline.worker DRIVER_PID`: a worker process of the local engine.

Beam's SDK worker, which the kernel ends together with the driver (on Linux).

Without that a worker outlives a killed driver for a while, and may still publish while the next run sweeps.
"""

import ctypes
import logging
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(sys.argv[1]):  # it died before we asked to be told
            sys.exit(1)
    logging.disable(logging.ERROR)  # the worker tells of its start and end at length; errors are raised in the driver
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)


if __name__ == "__main__":
    main()
