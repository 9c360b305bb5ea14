"""Which photographs of the starter gallery excite a channel most: any channel of any cell, block or operation."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from nasnet_demo import gallery, sealing
from nasnet_demo.files import cache_folder
from nasnet_demo.inference.gated_network import FEATURES, LOGITS
from nasnet_demo.model import Model
from nasnet_demo.pictures import images


class Channels:
    """Every channel's highest values, computed once for a network in a second or two, and kept in the cache."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.paths = [gallery.STARTER / photo["file"] for photo in gallery.credits()]
        self._responses: dict[str, np.ndarray] = {}

    def favourites(self, output: str, channel: int, count: int = 4) -> list[Path]:
        """The photographs in which a channel of an output (see `OpenNetwork.run`) reaches its highest values.

        Raises IndexError if the output has no such channel.
        """
        if not self._responses:
            self._responses = _read(self._file, self._names) or self._compute()
        highest = self._responses[output][:, channel]
        return [self.paths[i] for i in np.argsort(-highest, kind="stable")[:count]]

    @property
    def _names(self) -> list[str]:
        return [path.name for path in self.paths]

    @property
    def _file(self) -> Path:
        return cache_folder() / f"channels-{self.model.key[:12]}.npz"

    def _compute(self) -> dict[str, np.ndarray]:
        """The highest value of each channel in each photograph, float16 [photographs, C] by output."""
        opened, size = self.model.opened, self.model.card.config.image_size
        outputs = [name for name in opened.nodes if name not in (FEATURES, LOGITS)]
        rows = []
        for path in self.paths:
            activations = opened.run(images.prepare(path, size).array[None], outputs=outputs)
            rows.append([activations[name].max(axis=(0, 1, 2)).astype(np.float16) for name in outputs])
        responses = {name: np.stack(column) for name, column in zip(outputs, zip(*rows, strict=True), strict=True)}
        with suppress(OSError):  # it works without a cache too
            sealing.write_arrays(self._file, names=self._names, **responses)
        return responses


def _read(path: Path, names: list[str]) -> dict[str, np.ndarray]:
    """What was kept, or nothing if it is missing, damaged or of other photographs."""
    arrays = sealing.read_arrays(path)
    known = arrays.pop("names", np.array([])).tolist()
    return arrays if known == names else {}
