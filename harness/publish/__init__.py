"""Studies carried out and reported, and pages of results."""
