"""Rows of cards to change, as JSON has them."""

import dataclasses
import json

from nasnet_demo.network import notation
from nasnet_demo.network.genotypes import NASNET_A
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
# Of one line, so that it can be a class's name too. The other host is one that nobody has (RFC 2606).
EVIL = (
    "'\"></td></table></style></title><img src=http://evil.invalid/a.png onerror='window.hacked=1'>"
    "<script>window.hacked = 2</script><svg onload='window.hacked=3'>"
    "<a xlink:href='javascript:window.hacked=4'><text>link</text></a></svg>"
    "![picture](http://evil.invalid/b.png) [link](javascript:window.hacked=5) <javascript:window.hacked=6> "
    "| a | `b` ``` $x^2$ ${window.hacked=7} {{7*7}} {% raw %} &lt;b&gt; \\ # heading"
)


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


def saying(text, wnids, config):
    """Rows of a card all of whose texts are `text`, for weights of a NASNet-A of this configuration."""
    told = {"set": text, "command": text}
    score = {"top1": 0.5, "top5": 0.75, "misses": 0.2, "false_alarms": 0.3, "false_alarms_where_right": 0.1}
    crops = {"evaluation": score, text: score}
    genotype = NASNET_A._replace(name=text, paper=text, source=text, note=text)
    return {
        "name": text,
        "config": plain(dataclasses.replace(config, genotype=genotype)),
        "wnids": wnids,
        "accuracy": {**told, "pictures": 9, "crops": crops, "classes": {wnid: 0.5 for wnid in wnids}},
        "photographs": {**told, "pictures": 9, "unknown": 4, "crops": crops},
        "calibration": {"temperature": 0.5, "fitted_on": text, "error_before": 0.2, "error_after": 0.1},
        "uncertainty": {"threshold": 0.99, "score": text, "chosen_on": text},
        "data": text,
        "limits": text,
        "licence": text,
        "training": {
            "command": text,
            "minutes": 9,
            "pictures_seen": 9,
            "hardware": text,
            "recipe": {text: text},
            "started_from": {"name": text, "sha256": text, "minutes": 3},
        },
        "origin": {"form": text, "sha256": text, "format": text},
    }
