import keras
import numpy as np

from nasnet_demo.training import batch_statistics


def test_statistics_are_the_mean_of_those_of_the_batches():
    norm = keras.layers.BatchNormalization(momentum=0.9)
    model = keras.Sequential([keras.Input((4, 4, 3)), norm])
    norm.moving_mean.assign([7.0, 7.0, 7.0])  # what was there before does not count
    batches = np.random.default_rng(0).normal(3, 2, (5, 6, 4, 4, 3)).astype(np.float32)
    batch_statistics.measure(model, batches)
    np.testing.assert_allclose(norm.moving_mean, batches.mean(axis=(1, 2, 3)).mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, batches.var(axis=(1, 2, 3)).mean(axis=0), rtol=1e-4)
    assert norm.momentum == 0.9
