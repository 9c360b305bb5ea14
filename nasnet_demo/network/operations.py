"""The operations that cells are made of: their names, and what the names mean.

A name is a kind and the kernels that slide over the input one after the other, such as `separable_5x5` or
`conv_1x7_7x1`. assembly.py says what each computes.
"""

from typing import NamedTuple

IDENTITY = "identity"

# kind: its short form on a drawing, and in words
KINDS = {
    IDENTITY: ("identity", "identity"),
    "avg_pool": ("avg", "average pooling"),
    "max_pool": ("max", "max pooling"),
    "separable": ("sep", "separable convolution"),
    "dilated_separable": ("dil sep", "dilated separable convolution"),
    "conv": ("conv", "convolution"),
    "dilated_conv": ("dil conv", "dilated convolution"),
}

# The 13 of the NASNet search space, as listed in Zoph et al., arXiv:1707.07012, section 3.
NASNET_OPERATIONS = (
    IDENTITY,
    "conv_1x3_3x1",
    "conv_1x7_7x1",
    "dilated_conv_3x3",
    "avg_pool_3x3",
    "max_pool_3x3",
    "max_pool_5x5",
    "max_pool_7x7",
    "conv_1x1",
    "conv_3x3",
    "separable_3x3",
    "separable_5x5",
    "separable_7x7",
)
OPERATIONS = (*NASNET_OPERATIONS, "dilated_separable_3x3", "dilated_separable_5x5")  # the last two are DARTS's


class Operation(NamedTuple):
    """An operation's kind, and the heights and widths of its kernels."""

    kind: str
    kernels: tuple[tuple[int, int], ...]


def parse(name: str) -> Operation:
    """The operation of a name in OPERATIONS."""
    parts = name.split("_")
    sizes = [part for part in parts if part[0].isdigit()]
    kernels = tuple((int(height), int(width)) for height, width in (size.split("x") for size in sizes))
    return Operation("_".join(parts[: len(parts) - len(sizes)]), kernels)


def short(name: str) -> tuple[str, ...]:
    """Its kind and its kernels as short lines, such as ("sep", "5×5")."""
    operation = parse(name)
    return (KINDS[operation.kind][0], *([" ".join(_sizes(operation))] if operation.kernels else []))


def describe(name: str) -> str:
    """In words, such as "separable convolution 5×5"."""
    operation = parse(name)
    return f"{KINDS[operation.kind][1]} {' then '.join(_sizes(operation))}".strip()


def _sizes(operation: Operation) -> list[str]:
    return [f"{height}×{width}" for height, width in operation.kernels]
