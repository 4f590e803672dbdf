"""Lowering: a Model becomes a static Program and the Params and State that it runs on."""
