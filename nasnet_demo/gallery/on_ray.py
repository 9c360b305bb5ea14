"""Look at pictures on many machines, with Ray Data: one network in every worker, which reads the pictures itself.

The machine that builds the gallery only gathers the rows, in the order of the source. A worker that dies is replaced,
and what it had is looked at again by another.
"""

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery.looking import BATCH, Found, Look, Network, Refused, Seen, look

LOCAL = "local"
TOGETHER = 4 * BATCH  # pictures that a worker gets at a time


class Worker:
    """Holds a network, and looks at batches of pictures. Ray makes one in every worker."""

    def __init__(self, load: Callable[[], Network], sha256: str) -> None:
        """Raises GalleryError unless what `load` gives here is the network with that sha256."""
        self.network = load()
        if self.network.sha256 != sha256:
            raise GalleryError(f"a worker has another network: {self.network.sha256[:12]} instead of {sha256[:12]}")

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """From a column of `Found` to one of pairs of a picture and its `Seen`, or why it cannot be used; pickled."""
        found = {str(one.path): one for one in map(pickle.loads, batch["picture"])}
        answers: dict[str, Seen | str] = {}

        def refused(path: Any, why: str) -> None:
            answers[str(path)] = why

        for seen in look(found.values(), self.network, lambda *_: True, refused):
            answers[str(seen.row.path)] = seen
        return {"answer": np.array([pickle.dumps((one, answers[path])) for path, one in found.items()], object)}


def looking(address: str, load: Callable[[], Network], workers: int) -> Look:
    """What `looking.look` does, on the cluster at an address (`ray://HOST:10001`, or LOCAL), with so many workers.

    `load` makes the network in a worker. Every worker must be able to read the pictures by their paths. The function
    raises GalleryError if the cluster does not answer or a worker cannot go on.
    """

    def look_there(
        found: Iterable[Found], network: Network, new: Callable[[Found, str], bool], refused: Refused
    ) -> Iterator[Seen]:
        pictures = list(found)
        if not pictures:
            return
        import ray

        _connect(address)
        try:
            yield from _gathered(_answers(pictures, load, network.sha256, workers), new, refused)
        except ray.exceptions.RayError as error:
            raise GalleryError(f"the cluster {address} has stopped: {_cause(error)}") from None
        finally:
            ray.shutdown()

    return look_there


def _connect(address: str) -> None:
    import ray

    try:
        ray.init(address=None if address == LOCAL else address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, OSError, ValueError, RuntimeError) as error:
        raise GalleryError(f"the cluster {address} does not answer: {str(error).splitlines()[0]}") from None


def _answers(
    pictures: list[Found], load: Callable[[], Network], sha256: str, workers: int
) -> Iterator[tuple[Found, Seen | str]]:
    import ray

    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True  # the rows are those of one machine, in the same order
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        written = [{"picture": pickle.dumps(one)} for one in pictures]
    except (TypeError, pickle.PicklingError):
        raise GalleryError("a zip cannot be read by many machines: unpack it where all of them see it") from None
    blocks = max(workers, -(-len(pictures) // TOGETHER))
    rows = ray.data.from_items(written, override_num_blocks=blocks).map_batches(
        Worker,
        fn_constructor_args=(load, sha256),
        batch_size=TOGETHER,
        compute=ray.data.ActorPoolStrategy(size=workers),
    )
    for row in rows.iter_rows():
        yield pickle.loads(row["answer"])


def _gathered(
    answers: Iterator[tuple[Found, Seen | str]], new: Callable[[Found, str], bool], refused: Refused
) -> Iterator[Seen]:
    for picture, answer in answers:
        if isinstance(answer, str):
            refused(picture.path, answer)
        elif new(picture, answer.row.key):
            yield answer


def _cause(error: Exception) -> str:
    return str(error).strip().splitlines()[-1]
