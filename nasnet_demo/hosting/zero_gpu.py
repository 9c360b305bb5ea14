"""ZeroGPU, the hardware of free Spaces: it stops a Space that asks for no GPU, and one that does not report its start.

The demo computes on the processor. So it asks for the GPU in a function that is never called, and reports, as the
`spaces` package would from Gradio's launch(), which our own server does without.
"""


def report_start() -> None:
    """Call before Gradio is imported. Does nothing where the `spaces` package is missing or the hardware is another."""
    try:
        import spaces  # the Hub installs it
    except ImportError:
        return
    if spaces.config.Config.zero_gpu:
        spaces.GPU(_never_called)
        spaces.zero.startup()


def _never_called() -> None:
    """The function that has a GPU."""
