"""The gallery as a flat map."""

import subprocess

import numpy as np
import pytest

from nasnet_demo.errors import GalleryError, MissingExtraError
from nasnet_demo.gallery import flat
from nasnet_demo.numerics import unit


@pytest.fixture(scope="module")
def features():
    """Two clusters of pictures."""
    generator = np.random.default_rng(0)
    return unit(np.abs(generator.normal(size=(40, 8)) * 0.2 + np.repeat(generator.normal(size=(2, 8)), 20, 0)))


def test_principal_components_are_those_of_the_covariance(features):
    """Against the eigenvectors of numpy's covariance matrix; and a picture lies where it is placed."""
    made = flat.pca(features)
    values, vectors = np.linalg.eigh(np.cov(features.T))
    expected = (features - features.mean(0)) @ vectors[:, :-3:-1]
    for axis in range(2):
        assert abs(np.corrcoef(made.points[:, axis], expected[:, axis])[0, 1]) == pytest.approx(1, abs=1e-6)
    assert made.kept == pytest.approx(values[-2:].sum() / values.sum(), abs=1e-5)
    assert made.points.min() >= 0
    assert made.points.max() <= 1
    np.testing.assert_allclose(made.place(features[7]), made.points[7], atol=1e-5)
    np.testing.assert_array_equal(flat.pca(features.copy()).points, made.points)
    assert made.place(-features[0] * 9).shape == (2,)  # far away: at the edge


@pytest.mark.parametrize("count", [1, 2, 3])
def test_very_small_galleries_have_a_map(features, count):
    made = flat.pca(features[:count])
    assert made.points.shape == (count, 2)
    assert np.isfinite(made.points).all()
    assert np.isfinite(made.place(features[5])).all()
    alike = flat.pca(np.repeat(features[:1], count, 0))
    assert np.isfinite(alike.points).all()


def test_a_layout_places_a_picture_among_those_like_it(features, monkeypatch):
    monkeypatch.setattr(flat, "has_umap", lambda: True)
    monkeypatch.setattr(flat, "_laid_out", lambda given: np.repeat([[0.0, 0.0], [4.0, 2.0]], 20, 0))
    made = flat.umap(features)
    np.testing.assert_allclose(made.points[[0, 39]], [[0, 1], [1, 0]])
    np.testing.assert_allclose(made.place(features[3]), [0, 1], atol=1e-6)
    with pytest.raises(GalleryError, match="6 pictures"):
        flat.umap(features[:4])


def test_what_goes_wrong_with_umap_is_said(features, monkeypatch):
    def fail(*args, **options):
        raise subprocess.TimeoutExpired("umap", 1)

    monkeypatch.setattr(flat, "has_umap", lambda: True)
    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(GalleryError, match="did not finish"):
        flat.umap(features)
    monkeypatch.setattr(flat, "has_umap", lambda: False)
    with pytest.raises(MissingExtraError, match=r"nasnet-demo\[maps\]"):
        flat.umap(features)


def test_umap_keeps_clusters_together(features, monkeypatch):
    """With the library itself, in its own process; compiling it would take longer than running it as it is."""
    if not flat.has_umap():
        pytest.skip("umap-learn is not installed")
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    points = flat.umap(features[14:26]).points
    middles = points[:6].mean(0), points[6:].mean(0)
    assert [np.argmin([np.linalg.norm(point - middle) for middle in middles]) for point in points] == [0] * 6 + [1] * 6
