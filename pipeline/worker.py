"""A worker process of the local engine: Beam's SDK worker that the kernel ends together with the driver (on Linux).

Without that a worker outlives a killed driver for a while, and may still publish while the next run sweeps.
"""

import ctypes
import signal
import sys

from apache_beam.runners.worker import sdk_worker_main

PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    sdk_worker_main.main(sys.argv)


if __name__ == "__main__":
    main()
