"""Readers of what other systems write: pure parsers, whose records the services take in."""
