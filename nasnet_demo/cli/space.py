"""space push: the demo as a Hugging Face Space."""

import argparse
import tempfile
from pathlib import Path

import nasnet_demo
from nasnet_demo.cli.common import WEIGHTS, Commands


def register(commands: Commands) -> None:
    group = commands.group("space", "A hosted Space.")
    text = "Make a Hugging Face Space hold the demo: exactly the files it needs, in one commit."
    command = group.add("push", run, text, WEIGHTS)
    command.add_argument("name", metavar="OWNER/NAME")
    command.add_argument("--static", action="store_true", help="a free Space: the edition that needs no server")
    command.add_argument("--dry-run", action="store_true", help="only list the files and their sizes")


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.hosting import space  # huggingface_hub comes with the page's packages

    with tempfile.TemporaryDirectory() as folder:
        files = _static(options, Path(folder) / "site") if options.static else space.app_files()
        if options.dry_run:
            print(*_listing(files), sep="\n")
        else:
            print(space.push(options.name, files, nasnet_demo.__version__))
    return 0


def _static(options: argparse.Namespace, out: Path) -> dict[str, Path]:
    from huggingface_hub import SpaceCard

    from nasnet_demo import site
    from nasnet_demo.hosting import space

    readme = space.static_readme(SpaceCard.load(space.app_files()["README.md"]))
    site.write(nasnet_demo.load(options.weights), out)
    return space.static_files(out, readme)


def _listing(files: dict[str, Path]) -> list[str]:
    sizes = {name: path.stat().st_size for name, path in files.items()}
    total = f"{sum(sizes.values()) / 1e6:.1f} MB in {len(sizes)} files"
    return [*(f"{size:12,} {name}" for name, size in sizes.items()), total]
