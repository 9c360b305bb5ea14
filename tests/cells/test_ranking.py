"""Operations ranked over a folder of pictures."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image

from nasnet_demo import gallery
from nasnet_demo.cells import attribution, ranking, report
from nasnet_demo.cells.gates import ablate
from nasnet_demo.errors import GalleryError
from nasnet_demo.pictures import labels

KNOWN = labels.imagenet()[3]


@pytest.fixture
def folder(tmp_path):
    """Two pictures whose names tell their class, one whose name tells nothing, and one file that is not a picture."""
    photos = sorted(gallery.STARTER.glob("*.jpg"))
    made = tmp_path / "pictures"
    for name in (f"{KNOWN.name.replace(' ', '_')}/a.jpg", f"{KNOWN.wnid}_7.jpg", "2024/c.jpg"):
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photos[len(name)], path)
    (made / "bad.jpg").write_text("not a picture")
    return made


def test_means_and_accuracy_drops_over_a_folder(square_model, folder, tmp_path):
    refused = []
    found = ranking.rank(square_model, folder, tmp_path / "out", refused=lambda path, why: refused.append(path.name))
    assert refused == ["bad.jpg"]
    assert found.known_from == {ranking.BY_NAME: 1, ranking.BY_FOLDER: 1, ranking.BY_NETWORK: 1}
    paths = sorted(path for path in folder.rglob("*.jpg") if path.name != "bad.jpg")
    views = [square_model.view(path) for path in paths]
    classes = [int(v.logits.argmax()) if path.name == "c.jpg" else 3 for path, v in zip(paths, views, strict=True)]
    place = "cell_stem_0:1:left"
    index = next(i for i, gate in enumerate(found.gates) if gate.name == "cell_stem_0/comb_iter_1/left")
    after = [ablate(square_model, view, [place]).logits for view in views]
    losses = [view.logits[c] - logits[c] for view, logits, c in zip(views, after, classes, strict=True)]
    assert found.leave_one_out[index] == pytest.approx(np.mean(losses), abs=1e-4)
    right = [np.mean([a.argmax() == c for a, c in zip(answers, classes, strict=True)]) for answers in
             ([view.logits for view in views], after)]  # fmt: skip
    assert found.accuracy == pytest.approx(right[0])
    assert found.accuracy_drop[index] == pytest.approx(right[0] - right[1])
    gradients = [attribution.gradients(square_model, v, c) for v, c in zip(views, classes, strict=True)]
    np.testing.assert_allclose(found.gradient, np.mean(gradients, axis=0), atol=1e-4)


def test_a_stopped_run_goes_on_where_it_was(square_model, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(ranking, "KEEP_EVERY", 1)

    def stop(paths):
        yield paths[0]
        yield paths[1]
        raise KeyboardInterrupt

    (folder / "bad.jpg").unlink()
    with pytest.raises(KeyboardInterrupt):
        ranking.rank(square_model, folder, tmp_path / "out", progress=stop)
    looked = []
    found = ranking.rank(square_model, folder, tmp_path / "out", progress=lambda paths: looked.extend(paths) or paths)
    assert len(looked) == 1
    assert found.pictures == 3

    (tmp_path / "out" / ranking.PROGRESS).write_bytes(b"damaged")
    again = ranking.rank(square_model, folder, tmp_path / "out")
    np.testing.assert_allclose(again.leave_one_out, found.leave_one_out, atol=1e-5)


def test_a_folder_without_pictures_is_refused(square_model, tmp_path):
    with pytest.raises(GalleryError, match="no usable picture"):
        ranking.rank(square_model, tmp_path, tmp_path / "out")
    with pytest.raises(GalleryError, match="there is no folder"):
        ranking.rank(square_model, tmp_path / "none", tmp_path / "out")


def test_the_table_has_the_most_important_first_and_the_figure_is_a_picture(square_model, tmp_path):
    gates, drops = square_model.opened.gates, np.linspace(-0.1, 0.5, len(square_model.opened.gates))
    made = ranking.Ranking(gates, 2 * drops, 3 * drops, drops, 0.8, {ranking.BY_NAME: 4})
    rows = list(csv.DictReader(report.table(made).splitlines()))
    assert [rows[0][key] for key in ("cell", "block", "side", "operation", "input")] == [str(v) for v in gates[-1]]
    assert float(rows[0]["accuracy_drop"]) == pytest.approx(0.5)
    assert len(rows) == len(gates)
    assert "4 pictures, 80.0% right as trained; class known from the file's name (4)" in report.sentence(made)
    (tmp_path / "figure.png").write_bytes(report.figure(made, "a network"))
    assert Image.open(tmp_path / "figure.png").width > 500
