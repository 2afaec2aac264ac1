"""Runbooks that are read, carried out and tested from one file.

Nothing heavy is imported here: the worker starts inside the sandbox with the standard library alone.
"""

__version__ = "0.1.0"
