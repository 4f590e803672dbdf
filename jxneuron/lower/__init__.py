"""Lowering: from a Model to a static Program, and to the Params with which it runs."""
