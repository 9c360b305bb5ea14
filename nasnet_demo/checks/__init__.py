"""Do maps tell the truth? One file for each check of what a map claims."""
