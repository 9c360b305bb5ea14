"""Inside the cells: what every operation does to a picture, and which of them mattered."""
