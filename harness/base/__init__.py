"""The ground: errors, paths, random streams, trees, sealed files. Knows nothing of the rest."""
