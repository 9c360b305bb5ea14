"""The rows of galleries, with a small network and few of everything."""

from nasnet_demo.benchmark import galleries


def test_every_row_has_a_time_and_a_baseline(tiny_model, monkeypatch):
    for name, few in {"SIZES": (50,), "PICTURES": 16, "REPEATS": 1, "SLOW_REPEATS": 2}.items():
        monkeypatch.setattr(galleries, name, few)
    rows = [*galleries._searching(tiny_model), *galleries._taking_in(tiny_model), galleries._alike(tiny_model)]
    assert [row["baseline"] for row in rows] == [
        "plain numpy",
        galleries.FORWARD,
        "network alone, in batches",
        galleries.FORWARD,
    ]
    assert all(row["seconds"] > 0 and row["ratio"] == row["seconds"] / row["baseline_seconds"] for row in rows)
