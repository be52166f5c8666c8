"""`python -m local.with_servers COMMAND...`: run a command with the addresses of the test servers set."""

import os
import signal
import subprocess
import sys

from local import servers


def main(command: list[str]) -> int:
    """Run the command; its exit is ours. Signals reach it by the terminal or from us, and we clean up after it."""
    with servers.for_tests() as addresses, subprocess.Popen(command, env=os.environ | addresses) as child:
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        signal.signal(signal.SIGINT, lambda *_: None)
        code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
