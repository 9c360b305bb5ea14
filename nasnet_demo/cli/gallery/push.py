"""gallery push: bring a gallery to Milvus."""

import argparse

from nasnet_demo import gallery
from nasnet_demo.cli.common import Commands
from nasnet_demo.cli.gallery.build import TO, bar
from nasnet_demo.gallery import milvus


def register(group: Commands) -> None:
    text = "Bring a gallery to Milvus, a database for vectors; what was stopped goes on."
    command = group.add("push", run, text)
    command.add_argument("name", metavar="NAME", help=TO)
    command.add_argument(
        "--to",
        metavar="ADDRESS",
        required=True,
        help=f"{milvus.PREFIX}http://HOST:19530/NAME, or {milvus.PREFIX}FILE.db/NAME for Milvus Lite; a token is read "
        f"from {milvus.TOKEN}",
    )
    command.add_argument(
        "--index", choices=milvus.INDEXES, default=milvus.INDEXES[0], help="of a new collection (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.gallery import pushing

    pushed = pushing.push(gallery.read(options.name), options.to, options.index, bar)
    print(f"{pushed.sent} sent, {pushed.known} already there\n{options.to}: {pushed.total} pictures")
    return 0
