"""The Space's entry: build the demo, launch it."""

from nasnet_demo.model import load
from nasnet_demo.ui.page import launch

if __name__ == "__main__":
    launch(load())
