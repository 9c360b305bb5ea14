"""Where the data that comes with the demo lies."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent
