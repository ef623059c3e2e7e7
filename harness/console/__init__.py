"""What a run shows: a live display in a terminal, plain lines elsewhere, nothing in a library or a test."""
