"""The cells opened up: what every operation does to a picture, and which of them mattered."""
