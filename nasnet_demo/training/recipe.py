"""How the bundled network is trained: a recipe's numbers, from scratch and from weights that know the classes already.

The budget is of pictures to see, so that a busy machine changes nothing but the time that it takes; or of minutes.
Everything that changes while training (picture size, learning rate) is a function of the share of the budget that is
spent. The learning rate stays up until the last part of it (Hägele et al., arXiv:2405.18392): so the budget may be
raised or lowered when a run is resumed, and it still ends well. Pictures grow as training goes on (progressive
resizing: Tan and Le, EfficientNetV2, arXiv:2104.00298), because small ones buy epochs.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from nasnet_demo.network.topology import Config
from nasnet_demo.weights import Weights

NETWORK = Config(
    cells=6, filters=32, stem_reductions=1, classes=200, image_size=80, dropout=0.1, batch_norm_momentum=0.99
)


@dataclass(frozen=True)
class Recipe:
    """How to train. Sizes are pixels a side; `phases` are (share of the budget at which it ends, picture size)."""

    pictures: int = 1_100_000  # the budget
    minutes: float | None = None  # a budget of time instead
    phases: tuple[tuple[float, int], ...] = ((0.27, 32), (0.55, 48), (0.77, 64), (1.0, 80))
    batch: int = 128
    peak_learning_rate: float = 3e-3
    warm_up: float = 0.05  # share of the budget
    cool_down: float = 0.5  # share of the budget
    average: float = 0.995  # momentum of the running mean of the weights; 0: the weights of the last step
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    teacher: float = 0.0  # share of a picture's target that is the teacher's soft label; the rest: its class, smoothed
    crops: int = 0  # of each picture, about which the teacher is asked once; 0: it is asked about every crop anew
    whole_picture: bool = False  # whether it is asked, anew, about the whole picture instead
    mixup: float = 0.0  # share of another crop that is mixed into each, at most
    strange: float = 0.0  # share of the pictures of which one of no class is made, to be unsure of
    crop_area: tuple[float, float] = (0.35, 1.0)  # share of the picture that a crop covers
    sharpness: bool = True  # whether crops are blurred and sharpened at random
    seed: int = 0
    network: Config = field(default=NETWORK)

    def size(self, progress: float) -> int:
        return next((size for end, size in self.phases if progress < end), self.phases[-1][1])

    def learning_rate(self, progress: float) -> float:
        """Up in a straight line, level, and in a straight line down to zero."""
        up = progress / self.warm_up if self.warm_up else 1.0
        down = (1 - progress) / self.cool_down if self.cool_down else 1.0
        return self.peak_learning_rate * max(0.0, min(up, 1.0, down))


RESTART = Recipe(  # from weights that know the classes already, so with larger pictures from the start
    pictures=800_000, phases=((0.35, 48), (0.75, 64), (1.0, 80)), peak_learning_rate=1.5e-3, crop_area=(0.5, 1.0)
)
# With a teacher. Asking it about every crop takes as long as learning from the crop does, so it is asked about a few.
TAUGHT: dict[str, Any] = {"teacher": 0.5, "crops": 4}


def choose(start: Weights | None = None, taught: bool = False, **changes: Any) -> Recipe:
    """The recipe for training from scratch, or from the weights `start`; with a teacher; with other values, if given.

    What is None is not changed.
    """
    config = start and replace(start.card.config, image_size=NETWORK.image_size)
    recipe = replace(RESTART, network=config) if config else Recipe()
    given = {key: value for key, value in changes.items() if value is not None}
    return replace(recipe, **(TAUGHT if taught else {}), **given)
