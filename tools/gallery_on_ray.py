"""Builds a gallery on a local Ray cluster of two workers, kills one of them, and compares it with one machine's.

python tools/gallery_on_ray.py PICTURES
"""

import argparse
import os
import signal
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np

from nasnet_demo import gallery
from nasnet_demo.gallery import on_ray
from nasnet_demo.model import load

WORKER = "ray::MapWorker"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    options = parser.parse_args()
    model = load()
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder) / "one", Path(folder) / "many"
        start = time.perf_counter()
        print(f"one machine: {gallery.build(options.pictures, one, model)}, {time.perf_counter() - start:.0f} s")
        threading.Thread(target=kill_a_worker, daemon=True).start()
        start = time.perf_counter()
        looking = on_ray.looking(on_ray.LOCAL, partial(load, None), 2)
        print(f"two workers: {gallery.build(options.pictures, many, model, looking=looking)}, ", end="")
        print(f"{time.perf_counter() - start:.0f} s")
        here, there = gallery.read(one), gallery.read(many)
        print("the same rows in the same order:", list(here.rows) == list(there.rows))
        print("largest difference of a feature:", float(np.abs(here.features - there.features).max()))


def kill_a_worker() -> None:
    """As soon as one looks at pictures."""
    while True:
        time.sleep(0.2)
        for process in Path("/proc").glob("[0-9]*"):
            try:
                title = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(WORKER.encode()) and b"submit" in title:
                os.kill(int(process.name), signal.SIGKILL)
                print(f"killed {process.name}")
                return


if __name__ == "__main__":
    main()
