"""The app's endpoints, as a script uses them."""

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from nasnet_demo.checks import checking
from nasnet_demo.model import load
from nasnet_demo.ui.endpoints import PUBLISHED


@pytest.fixture(scope="module")
def client(app):
    return Client(app, verbose=False, httpx_kwargs={"timeout": 120})


def test_only_a_handful_is_published(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert set(endpoints) == {f"/{name}" for name in PUBLISHED}
    assert not client.view_api(return_format="dict")["unnamed_endpoints"]


def test_classify_is_the_models_answer(client, photos):
    path = photos / "goldfish.jpg"
    answer = client.predict(handle_file(path), "evaluation", api_name="/classify")
    expected = load().classify(path)
    assert [row["wnid"] for row in answer] == [p.wnid for p in expected]
    assert [row["probability"] for row in answer] == pytest.approx([p.probability for p in expected], abs=1e-5)


def test_unsure_is_the_models_own_doubt(client, photos):
    model = load()
    for path in sorted(photos.iterdir())[:4]:
        answer = client.predict(handle_file(path), "evaluation", api_name="/unsure")
        assert answer is model.unsure(model.view(path))


def test_explain_is_the_models_map(client, photos):
    path = photos / "goldfish.jpg"
    answer = client.predict(handle_file(path), "goldfish", "whole", api_name="/explain")
    expected = load().explain(path, "goldfish", crop="whole")
    assert answer["class"] == "goldfish"
    assert np.allclose(answer["map"], expected, atol=1e-5)


def test_explain_answers_for_any_method_cell_and_contrast(client, photos):
    path = photos / "goldfish.jpg"
    asked = (handle_file(path), "goldfish", "evaluation", "layercam", "cell_0", "orange")
    answer = client.predict(*asked, api_name="/explain")
    expected = load().explain(path, "goldfish", "LayerCAM", cell="cell_0", versus="orange")
    assert (answer["class"], answer["versus"], answer["method"], answer["cell"]) == (
        "goldfish", "orange", "LayerCAM", "cell_0",
    )  # fmt: skip
    assert np.allclose(answer["map"], expected, atol=1e-5)
    with pytest.raises(AppError, match="no cell 'cell_99'"):
        client.predict(handle_file(path), "goldfish", "evaluation", "Grad-CAM", "cell_99", api_name="/explain")


def test_neighbours_of_a_gallery_picture_begin_with_itself(client, photos):
    answer = client.predict(handle_file(photos / "koala.jpg"), "evaluation", api_name="/neighbours")
    assert answer[0]["similarity"] == pytest.approx(1, abs=2e-3)
    similarities = [row["similarity"] for row in answer]
    assert similarities == sorted(similarities, reverse=True)


def test_faithfulness_is_the_checks_own(client, photos):
    path = photos / "goldfish.jpg"
    answer = client.predict(handle_file(path), "grad-cam", "", "", "mean", "evaluation", api_name="/faithfulness")
    model = load()
    view = model.view(path)
    (trial,) = checking.trials(model, view, model.find(view), ["Grad-CAM"], baseline="mean")
    (row,) = answer["methods"]
    assert (row["method"], row["grid"]) == ("Grad-CAM", [*trial.heat.shape])
    assert row["deletion"]["area"] == pytest.approx(trial.score.deletion.area, abs=1e-4)
    assert row["deletion"]["probabilities"][0] == pytest.approx(answer["probability"], abs=1e-4)
    assert row["insertion"]["of"] == len(trial.controls)


def test_bad_input_gets_one_clear_line(client, photos, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes((photos / "goldfish.jpg").read_bytes()[:500])
    with pytest.raises(AppError, match="damaged or incomplete"):
        client.predict(handle_file(bad), "evaluation", api_name="/classify")
    with pytest.raises(AppError, match="did you mean goldfish"):
        client.predict(handle_file(photos / "goldfish.jpg"), "goldfsh", "evaluation", api_name="/explain")
    assert len(client.predict(handle_file(photos / "goldfish.jpg"), "evaluation", api_name="/classify")) == 5


def test_files_of_the_server_cannot_be_fetched(client, app):
    import httpx

    for path in ("/etc/passwd", "nasnet_demo/inference/engine.py", "nasnet_demo/assets/network/card.json"):
        assert httpx.get(f"{app.rstrip('/')}/gradio_api/file={path}", timeout=120).status_code in (403, 404)
