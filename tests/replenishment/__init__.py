"""Tests of replenishment."""
