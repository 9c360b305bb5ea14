"""Running the network: forward, backward, with gates, and without each operation in turn."""
