"""A hosted Space: what it is made of, how it gets there, and what its hardware asks for."""
