"""Running the network: forward, backward, with operations scaled or off, and without each operation in turn."""
