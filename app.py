"""The Space's entry: build the demo, launch it."""

from nasnet_demo.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["serve"]))
