"""`python -m nasnet_demo`, and the script `nasnet-demo`."""

import sys

from nasnet_demo.cli import main


def run() -> int:
    """Run the command that the process was started with; the exit status."""
    if hasattr(sys.stdout, "reconfigure"):  # a file name need not be text that the terminal can show
        sys.stdout.reconfigure(errors="backslashreplace")
    return main()


if __name__ == "__main__":
    raise SystemExit(run())
