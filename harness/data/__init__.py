"""From published files to training, validation and test interactions, items' texts and their vectors."""
