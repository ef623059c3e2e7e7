"""The report of a study that searches: a part per file, and the document that holds them all."""
