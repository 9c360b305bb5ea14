"""What a worker does, without a cluster: tools/gallery_on_ray.py tries it with one, and kills a worker."""

import pickle

import numpy as np
import pytest

from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import looking, on_ray, sources


def test_workers_say_of_pictures_what_one_machine_says(folder, tiny_model):
    (folder / "bad.png").write_bytes(b"x")
    found = sources.in_folder(folder)
    worker = on_ray.Worker(lambda: tiny_model, tiny_model.sha256)
    answers = [
        pickle.loads(answer)
        for some in (found[:2], found[2:])
        for answer in worker({"picture": np.array([pickle.dumps(one) for one in some], object)})["answer"]
    ]
    assert [picture.path for picture, _ in answers] == [one.path for one in found]
    there, refused = [], {}
    seen = on_ray._gathered(iter(answers), lambda *_: True, lambda path, why: refused.update({path.name: why}))
    there = list(seen)
    here = list(looking.look(found, tiny_model, lambda *_: True, lambda *_: None))
    assert [one.row for one in there] == [one.row for one in here]
    assert [one.kept for one in there] == [one.kept for one in here]
    np.testing.assert_allclose([one.features for one in there], [one.features for one in here], atol=1e-6)
    assert list(refused) == ["bad.png"]
    assert list(on_ray._gathered(iter(answers), lambda *_: False, lambda *_: None)) == []


def test_a_worker_with_another_network_is_refused(tiny_model):
    with pytest.raises(GalleryError, match="a worker has another network"):
        on_ray.Worker(lambda: tiny_model, "0" * 64)
