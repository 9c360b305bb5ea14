"""The published log and its picture."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from nasnet_demo.training import learning_curve


def rows(first, last, **columns):
    return [
        {"minutes": n, "pictures": 1000 * n, "size": 32 if n < 5 else 64, "accuracy": n / 20} | columns
        for n in range(first, last)
    ]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_log_goes_on_where_the_network_that_it_started_from_ended(tmp_path):
    docs = tmp_path / "docs"
    learning_curve.publish(write(tmp_path / "first.jsonl", rows(1, 9)), 0, docs)
    assert learning_curve.read(docs / "training-log.jsonl") == rows(1, 9)
    second = write(tmp_path / "second.jsonl", rows(8, 12, validation_accuracy=0.5))
    for _ in range(2):  # the same again changes nothing
        learning_curve.publish(second, 7000, docs)
        assert learning_curve.read(docs / "training-log.jsonl") == rows(1, 8) + rows(8, 12, validation_accuracy=0.5)
    learning_curve.publish(tmp_path / "first.jsonl", 0, docs)  # from scratch: nothing came before
    assert learning_curve.read(docs / "training-log.jsonl") == rows(1, 9)


def test_each_curve_is_drawn_in_its_colour():
    def drawn(rows):
        picture = np.asarray(Image.open(io.BytesIO(learning_curve.draw(rows))).convert("RGB"), int)
        assert min(picture.shape[:2]) > 700
        wanted = [tuple(bytes.fromhex(c[1:])) for c in (learning_curve.TRAINING, learning_curve.VALIDATION)]
        return [(np.abs(picture - colour).max(axis=2) < 3).sum() > 500 for colour in wanted]

    assert drawn(rows(1, 20)) == [True, False]
    assert drawn(rows(1, 20) + rows(20, 30, validation_accuracy=0.4)) == [True, True]


def test_a_running_mean_keeps_a_straight_line_and_halves_noise():
    line = np.arange(20.0)
    np.testing.assert_allclose(learning_curve._running_mean(line)[3:-3], line[3:-3])
    noise = np.random.default_rng(0).normal(size=500)
    assert learning_curve._running_mean(noise).std() == pytest.approx(noise.std() / np.sqrt(7), rel=0.2)
