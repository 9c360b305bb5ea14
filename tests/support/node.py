"""What the browser tests need from npm: of the versions and with the checksums in tests/browser/package-lock.json."""

import fcntl
import shutil
import subprocess

from support.server import ROOT

FOLDER = ROOT / "tests" / "browser"
HOW = "npm is missing: install it (Debian: apt-get install npm), or run `npm ci --ignore-scripts` in tests/browser."


def node_module(path):
    """A file of an installed package; the first test that asks installs them all."""
    file = FOLDER / "node_modules" / path
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not file.is_file():
            assert shutil.which("npm"), HOW
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER, check=True)
    return file
