"""Dougong: a low-code platform for factories and offices. Importing this module imports nothing else."""

__version__ = "0.1.0"
