"""Timing: medians of calls that take turns, and rows of ratios against a baseline of the same run."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

REPEATS = 50
COLD_REPEATS = 3


def row(name: str, seconds: float, baseline: tuple[str, float], megabytes: float | None = None) -> dict[str, Any]:
    """One timing; `baseline` is a name and its seconds. The ratio is below 1 where this is faster."""
    return {
        "name": name,
        "seconds": seconds,
        "megabytes": megabytes,
        "baseline": baseline[0],
        "baseline_seconds": baseline[1],
        "ratio": seconds / baseline[1],
    }


def interleaved(*calls: Callable[[], Any], repeats: int = REPEATS) -> list[float]:
    """Median seconds of each call. They take turns, so that a busy moment slows all of them alike."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for spent, call in zip(times, calls, strict=True):
            start = time.perf_counter()
            call()
            spent.append(time.perf_counter() - start)
    return [statistics.median(spent) for spent in times]


def process(code: str, *arguments: str) -> tuple[float, float]:
    """Median seconds of a fresh Python process, and the peak of its memory in MB (0 where the system does not tell)."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    command = [sys.executable, "-c", code + PRINT_PEAK, *arguments]
    seconds, peaks = [], []
    for _ in range(COLD_REPEATS):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        seconds.append(time.perf_counter() - start)
        peaks.append(float(done.stdout.split()[-1]) / 1024)
    return statistics.median(seconds), statistics.median(peaks)


PRINT_PEAK = """
status = open("/proc/self/status").read() if sys.platform == "linux" else "VmHWM: 0 kB"
print(status.split("VmHWM:")[1].split()[0])
"""
