"""The wheel, installed with its core dependencies alone in an environment of its own, and run from another folder."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import nasnet_demo
from nasnet_demo.assets import ASSETS

ROOT = Path(__file__).parents[1]
UV = (sys.executable, "-m", "uv", "--quiet")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([*UV, "build", "--wheel", "--out-dir", out, ROOT], check=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory):
    """The folder of an environment's programs."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([*UV, "venv", "--python", sys.executable, "--allow-existing", environment], check=True)
    folder = environment / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([*UV, "pip", "install", "--python", folder / "python", wheel], check=True)
    return folder


@pytest.fixture
def run(scripts, tmp_path):
    """Run a program of the environment in a folder of its own that holds photo.jpg."""
    shutil.copy(ASSETS / "photos" / "koala.jpg", tmp_path / "photo.jpg")
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "NASNET_DEMO_WEIGHTS")}

    def command(program, *arguments):
        line = [scripts / program, *arguments]
        return subprocess.run(line, cwd=tmp_path, env=clean, text=True, capture_output=True, timeout=600)

    return command


def test_the_wheel_holds_every_file_of_the_package(wheel):
    package = ROOT / "nasnet_demo"
    files = {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.is_file()}
    files = {name for name in files if "__pycache__" not in name}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == files
    assert held >= {"nasnet_demo/py.typed", "nasnet_demo/assets/network/nasnet.safetensors"}
    assert wheel.name.startswith(f"nasnet_demo-{nasnet_demo.__version__}-")


def test_it_classifies_from_another_folder(run):
    done = run("nasnet-demo", "classify", "photo.jpg")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].endswith("%  koala")


def test_it_calls_itself_by_the_name_that_was_typed(run):
    assert run("nasnet-demo", "--help").stdout.startswith("usage: nasnet-demo [-h] COMMAND")
    assert run("python", "-m", "nasnet_demo", "--help").stdout.startswith("usage: python -m nasnet_demo [-h] COMMAND")
    said = run("nasnet-demo", "classify", "nowhere.jpg").stderr
    assert said.startswith("nasnet-demo: nowhere.jpg: ")
    said = run("nasnet-demo", "neighbours", "photo.jpg", "--gallery", ".").stderr
    assert said == "nasnet-demo: . is no gallery: make one with `nasnet-demo gallery build FOLDER --to NAME`\n"


@pytest.mark.parametrize(
    ("arguments", "package", "extra"),
    [
        (["serve"], "gradio", "ui"),
        (["explain", "photo.jpg"], "matplotlib", "ui"),
        (["cells", "diagram", "NASNet-A", "--out", "cell.png"], "matplotlib", "ui"),
        (["worksheet", "--out", "worksheet.html"], "jinja2", "ui"),
        (["classify", "photo.jpg", "--weights", "weights.h5"], "h5py", "tensorflow"),
        (["classify", "photo.jpg", "--weights", "module"], "tensorflow", "tensorflow"),
        (["export", "out"], "tensorflow", "tensorflow"),
        (["train", "--data", "."], "keras", "tensorflow"),
        (["explain", "photo.jpg", "--check"], "tensorflow", "tensorflow"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_missing_extra_is_one_line_that_says_which_to_install(run, tmp_path, arguments, package, extra):
    (tmp_path / "weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (tmp_path / "module" / "variables").mkdir(parents=True)
    (tmp_path / "module" / "saved_model.pb").touch()
    (tmp_path / "module" / "variables" / "variables.index").touch()
    done = run("nasnet-demo", *arguments)
    line = f"nasnet-demo: this needs {package}, which is not installed: pip install 'nasnet-demo[{extra}]'\n"
    assert (done.returncode, done.stderr, done.stdout) == (2, line, "")


def test_python_says_it_too(run, tmp_path):
    (tmp_path / "weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    done = run("python", "-c", "import nasnet_demo; nasnet_demo.load('weights.h5')")
    line = "nasnet_demo.errors.MissingExtraError: this needs h5py, which is not installed: "
    assert done.stderr.splitlines()[-1] == f"{line}pip install 'nasnet-demo[tensorflow]'"
    done = run("python", "-c", "import nasnet_demo.ui.page")
    line = "nasnet_demo.errors.MissingExtraError: this needs gradio, which is not installed: "
    assert done.stderr.splitlines()[-1] == f"{line}pip install 'nasnet-demo[ui]'"


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "photo.jpg", "--method", "Saliency", "--out", "map.npy"],
        ["neighbours", "photo.jpg", "--top", "1"],
        ["cells", "list"],
        ["cells", "diagram", "NASNet-A", "--out", "cell.svg"],
        ["cells", "gate", "photo.jpg", "--off", "cell_3"],
        ["cells", "attribute", "photo.jpg"],
        ["faithfulness", "photo.jpg", "--methods", "Grad-CAM", "--steps", "4"],
        ["weights", "inspect", "bundled"],
    ],
    ids=" ".join,
)
def test_these_need_no_extra(run, tmp_path, arguments):
    done = run("nasnet-demo", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout or (tmp_path / "cell.svg").stat().st_size
