"""The page: one file a tab, and no numerics."""
