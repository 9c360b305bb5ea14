"""What the operations of a cell are called, for people."""

# first part of an operation's name: its short form on a drawing, and what it is in words
KINDS = {
    "identity": ("identity", "identity"),
    "avg_pool": ("avg", "average pooling"),
    "max_pool": ("max", "max pooling"),
    "separable": ("sep", "separable convolution"),
    "dilated_separable": ("dil sep", "dilated separable convolution"),
    "dilated_conv": ("dilated", "dilated convolution"),
    "conv": ("conv", "convolution"),
}


def short(operation: str) -> tuple[str, ...]:
    """One or two short lines, such as ("sep", "5×5")."""
    kind, sizes = _split(operation)
    return (KINDS[kind][0], *([" ".join(sizes)] if sizes else []))


def describe(operation: str) -> str:
    """In words, such as "separable convolution 5×5"."""
    kind, sizes = _split(operation)
    return " ".join([KINDS[kind][1], " then ".join(sizes)]).strip()


def _split(operation: str) -> tuple[str, list[str]]:
    parts = operation.split("_")
    sizes = [part.replace("x", "×") for part in parts if part[0].isdigit()]
    return "_".join(parts[: len(parts) - len(sizes)]), sizes
