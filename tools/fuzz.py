"""Tries damaged pictures: python tools/fuzz.py [--count 10000] [--first 0]; `make fuzz` does that.

It fails if one of them is neither shown nor refused in words, takes more than five seconds of processor, or more than a
gigabyte of memory. Such a picture is written to the current folder.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))
from support.damage import damaged  # noqa: E402
from tqdm import trange  # noqa: E402

from nasnet_demo.errors import PictureError  # noqa: E402
from nasnet_demo.pictures import images  # noqa: E402

SECONDS, MEGABYTES = 5, 1000


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 2**20)


def verdict(data: bytes) -> str:
    """What became of a picture: "shown", "refused", or what is wrong."""
    start, before = time.process_time(), peak()
    try:
        images.prepare(data, 224)
        said = "shown"
    except PictureError:
        said = "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if (spent := time.process_time() - start) > SECONDS:
        return f"{spent:.1f} s of processor"
    return said if peak() - before < MEGABYTES else f"{peak() - before:.0f} MB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    ends: Counter[str] = Counter()
    for number in trange(options.first, options.first + options.count, unit="pictures"):
        data = damaged(number)
        said = verdict(data)
        ends[said] += 1
        if said not in ("shown", "refused"):
            Path(f"fuzz-{number}.bin").write_bytes(data)
            print(f"picture {number}: {said}")
    print(f"{dict(ends)}, {peak():.0f} MB at most")
    return int(bool(set(ends) - {"shown", "refused"}))


if __name__ == "__main__":
    sys.exit(main())
