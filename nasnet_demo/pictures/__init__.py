"""Pictures, class names and data sets on disk."""
