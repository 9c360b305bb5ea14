"""The Chromium that the browser tests drive: found, installed, or a line that says how to get it."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "The browser tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM to its path."


def chromium() -> str | None:
    """Path of an installed Chromium: CHROMIUM, else the first of NAMES on the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Debian's package, where we may install it."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    if not chromium():
        install()
    sys.exit(None if chromium() else HOW)
