"""Reads what the runner recorded and tells a person about it. Never runs a case."""

__version__ = "0.1.0"
