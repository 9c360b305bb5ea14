"""Rows of cards to change, as JSON has them."""

import dataclasses
import json

from nasnet_demo.network import notation
from nasnet_demo.network.topology import Config
from nasnet_demo.weights import bundled
from nasnet_demo.weights.card import Card, Measurement, Origin, Score, Start, Training, Uncertainty
from nasnet_demo.weights.records import plain

BUNDLED = json.loads(bundled.FILE.with_name("card.json").read_text(encoding="utf-8"))
SMALL = Config(cells=3, filters=8, stem_filters=8, stem_reductions=1, classes=2, image_size=48)
BY_HAND = notation.read_genotype("separable_3x3:0+identity:0 > 2 / max_pool_3x3:0+conv_1x1:1 > 2", "My cells")
FULL = plain(
    Card(
        "Full",
        dataclasses.replace(SMALL, genotype=BY_HAND),
        names=("cat", "dog"),
        accuracy=Measurement(set="s", pictures=8, crops={"evaluation": Score(top1=0.5)}, classes={"n01443537": 0.5}),
        photographs=Measurement(
            set="s", pictures=8, unknown=2, crops={"evaluation": Score(top1=0.5, misses=0.1, false_alarms=0.2)}
        ),
        uncertainty=Uncertainty(threshold=0.3),
        training=Training(minutes=2, started_from=Start(minutes=1)),
        origin=Origin(form="Hub module", sha256="0" * 64, others_ignored=2),
    )
) | {"calibration": BUNDLED["calibration"]}


def changed(rows, path, value):
    """A copy of nested rows with another value at the end of a path; with one that is there, or a new one."""
    first, *rest = path
    inner = changed(rows[first], rest, value) if rest else value
    if isinstance(rows, list):
        return [inner if index == first else item for index, item in enumerate(rows)]
    return rows | {first: inner}


def paths(rows, before=()):
    """The path of every value within."""
    items = rows.items() if isinstance(rows, dict) else enumerate(rows) if isinstance(rows, list) else ()
    for key, value in items:
        yield (*before, key)
        yield from paths(value, (*before, key))
