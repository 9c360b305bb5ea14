"""Drawings of cells and networks, made from the genotype: `cell.draw` gives a scene; svg.py and png.py write it."""
