"""Readers of published file formats, shared by data sets: in blocks, so that a file may be larger than memory."""
