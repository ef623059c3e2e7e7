"""Recommenders that methods train: graph propagation, projector, losses."""
