"""Fairness definitions: one file each."""
