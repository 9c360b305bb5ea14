"""What is kept comes back as it was, or not at all."""

import hashlib

import numpy as np
import pytest

from nasnet_demo import sealing


def test_what_is_kept_comes_back(tmp_path):
    for data in (b"", b"some", bytes(100_000)):
        sealing.write(tmp_path / "kept", data)
        assert sealing.read(tmp_path / "kept") == data


@pytest.mark.parametrize("content", [None, b"", b"short", hashlib.sha256(b"other").digest(), bytes(1000)])
def test_what_is_missing_or_has_another_seal_is_none(tmp_path, content):
    if content is not None:
        (tmp_path / "kept").write_bytes(content)
    assert sealing.read(tmp_path / "kept") is None


def test_a_folder_in_the_way_is_none(tmp_path):
    assert sealing.read(tmp_path) is None


def test_no_flipped_bit_and_no_other_length_passes(tmp_path):
    """Neither in the data nor in the seal."""
    path = tmp_path / "kept"
    sealing.write(path, b"0123456789")
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert sealing.read(path) is None
    for other in (whole[:-1], whole[1:], whole + b"0"):
        path.write_bytes(other)
        assert sealing.read(path) is None


def test_arrays_read_back_as_they_were_written(tmp_path):
    path = tmp_path / "folder" / "arrays.npz"
    sealing.write_arrays(path, names=["a", "b"], numbers=np.eye(2, dtype=np.float16))
    arrays = sealing.read_arrays(path)
    assert arrays["names"].tolist() == ["a", "b"]
    np.testing.assert_array_equal(arrays["numbers"], np.eye(2))
    assert arrays["numbers"].dtype == np.float16


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 and then nothing", b"\x93NUMPY"])
def test_arrays_that_are_missing_or_damaged_are_none(tmp_path, content):
    path = tmp_path / "arrays.npz"
    if content is not None:
        path.write_bytes(content)
    assert sealing.read_arrays(path) == {}


def test_kept_arrays_are_a_file_that_numpy_reads(tmp_path):
    sealing.write_arrays(tmp_path / "arrays.npz", numbers=np.arange(5))
    with np.load(tmp_path / "arrays.npz") as file:
        np.testing.assert_array_equal(file["numbers"], np.arange(5))


def test_arrays_that_somebody_else_has_sealed_may_be_no_arrays(tmp_path):
    sealing.write(tmp_path / "arrays.npz", b"PK\x03\x04 and then nothing")
    assert sealing.read_arrays(tmp_path / "arrays.npz") == {}


def test_a_folder_is_intact_as_long_as_its_sealed_files_are(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "in/b"):
        (tmp_path / name).write_text(name)
    assert not sealing.is_intact(tmp_path)
    sealing.seal(tmp_path, [tmp_path / "a", tmp_path / "in" / "b"])
    (tmp_path / "not sealed").write_text("")
    assert sealing.is_intact(tmp_path)
    seals = (tmp_path / sealing.SEALS).read_text()
    assert seals.splitlines()[0] == f"{hashlib.sha256(b'a').hexdigest()}  a"
    for name, content in (("in/b", "x"), ("a", ""), (sealing.SEALS, ""), (sealing.SEALS, "nonsense")):
        before = (tmp_path / name).read_text()
        (tmp_path / name).write_text(content)
        assert not sealing.is_intact(tmp_path)
        (tmp_path / name).write_text(before)
    (tmp_path / "a").unlink()
    assert not sealing.is_intact(tmp_path)
