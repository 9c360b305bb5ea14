"""The Space's entry: build the demo, launch it."""

from nasnet_demo.model import load
from nasnet_demo.ui.page import launch
from nasnet_demo.weights import WeightsError

if __name__ == "__main__":
    try:
        model = load()
    except WeightsError as error:
        raise SystemExit(f"nasnet_demo: {error}") from None
    launch(model)
