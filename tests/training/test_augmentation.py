import numpy as np
from PIL import Image

from nasnet_demo.training import augmentation


def test_random_crops_lie_inside_and_cover_the_given_share():
    rows, columns = np.mgrid[0:64, 0:64]
    ramp = np.stack([rows * 4, columns * 4, rows * 0], axis=-1).astype(np.uint8)
    rng = np.random.default_rng(0)
    mirrored, shares = 0, []
    for _ in range(300):
        crop = augmentation.random_resized_crop(ramp, 32, (0.35, 1.0), rng).astype(float)
        assert crop.shape == (32, 32, 3)
        height = (crop[-1, 0, 0] - crop[0, 0, 0]) / 4 * 32 / 31
        width = abs(crop[0, -1, 1] - crop[0, 0, 1]) / 4 * 32 / 31
        mirrored += crop[0, -1, 1] < crop[0, 0, 1]
        shares.append(height * width / 64**2)
    assert 110 < mirrored < 190
    assert min(shares) > 0.3
    assert max(shares) <= 1.05


def test_sharpness_varies_both_ways_and_nothing_else_does():
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(80, 176, (64, 64, 3), np.uint8))
    picture = np.asarray(noise.resize((80, 80), Image.Resampling.BICUBIC))

    def detail(image):
        return np.abs(np.diff(image.astype(float), axis=1)).mean()

    made = [augmentation.random_sharpness(picture, rng) for _ in range(200)]
    details = np.array([detail(image) for image in made]) / detail(picture)
    assert all(image.shape == picture.shape and image.dtype == np.uint8 for image in made)
    assert 30 < (details == 1).sum() < 80  # left as they were
    assert (details < 0.99).sum() > 60  # blurred, or made smaller and large again
    assert (details > 1.01).sum() > 30  # sharpened
    assert 0.1 < details.min() < 0.4
    assert 1.3 < details.max() < 2.5
    assert np.abs([image.mean() - picture.mean() for image in made]).max() < 2


def test_mixup_mixes_pictures_and_targets_alike_and_at_most_so_much():
    pictures = np.stack([np.full((2, 2, 3), level, np.uint8) for level in (0, 100, 200)])
    shares = []
    for seed in range(100):
        mixed, targets = augmentation.mixed(pictures, np.eye(3, dtype=np.float32), 0.4, np.random.default_rng(seed))
        assert mixed.dtype == np.uint8
        np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(targets @ [0, 100, 200], mixed[:, 0, 0, 0], atol=0.51)
        shares += [targets[i, i - 1] for i in range(3)]
    assert 0 <= min(shares) < 0.02
    assert 0.38 < max(shares) <= 0.4


def test_strange_pictures_are_texture_two_pictures_in_one_or_a_mosaic():
    side = 32
    rows = np.repeat(np.arange(side, dtype=np.uint8)[:, None] * 8, side, axis=1)
    pictures = np.stack([np.stack([rows, rows.T, np.full_like(rows, level)], axis=-1) for level in range(0, 240, 2)])
    made = augmentation.strange(pictures, np.roll(pictures, 1, axis=0), np.random.default_rng(0))
    assert made.shape == pictures.shape
    assert made.dtype == np.uint8
    spread = made[..., 0].max(axis=(1, 2)).astype(int) - made[..., 0].min(axis=(1, 2))
    texture = spread < 0.3 * 255  # a part of at most a fifth of a side
    both = made[..., 2].max(axis=(1, 2)) % 2 == 1  # between two even levels
    mosaic = ~texture & ~both
    assert min(texture.sum(), both.sum(), mosaic.sum()) > 25
    for picture, shuffled in zip(pictures[mosaic], made[mosaic], strict=True):
        np.testing.assert_array_equal(np.sort(shuffled[..., 0], axis=None), np.sort(picture[..., 0], axis=None))
        assert (shuffled != picture).any()


def test_strange_pictures_may_be_of_any_size():
    for side in (8, 20, 65):
        pictures = np.zeros((6, side, side, 3), np.uint8)
        assert augmentation.strange(pictures, pictures, np.random.default_rng(side)).shape == pictures.shape
