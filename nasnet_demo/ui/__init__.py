"""The page: one file for each tab, and no numerics."""

from nasnet_demo.installation import optional_packages

with optional_packages():
    import gradio  # noqa: F401
