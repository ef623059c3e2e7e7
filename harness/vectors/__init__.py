"""Items' vectors: encoded, cached, adjusted."""
