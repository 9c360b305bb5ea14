"""Commands run in the test's own process, and pictures for them."""

import numpy as np
import pytest
from support.pictures import encode, scene

from nasnet_demo.cli import main


@pytest.fixture
def run(capsys):
    """Run a command in this process: (exit status, lines of stdout, lines of stderr)."""

    def command(*arguments):
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as exit:  # argparse leaves this way
            status = exit.code
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return command


@pytest.fixture
def refusal(run):
    """Run a command that must fail: its one line on stderr."""

    def command(*arguments):
        status, out, err = run(*arguments)
        assert (status, out, len(err)) == (2, [], 1), (status, out, err)
        assert err[0].startswith("nasnet_demo: ")
        return err[0].removeprefix("nasnet_demo: ")

    return command


@pytest.fixture
def pictures(tmp_path):
    """Three good pictures."""
    paths = [tmp_path / f"picture {i}.png" for i in range(3)]
    for i, path in enumerate(paths):
        path.write_bytes(encode(np.roll(scene(80, 60), 20 * i, axis=1), "PNG"))
    return paths
