"""Fitted models: what a run keeps of them, and what can be done with them afterwards."""
