"""Rewrites of syntax to simpler syntax that means the same."""
