"""The network: its operations and cells as data, and the interpreters that turn them into programs."""
