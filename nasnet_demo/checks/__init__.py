"""Do maps tell the truth? Each file is a check of what a map claims."""
