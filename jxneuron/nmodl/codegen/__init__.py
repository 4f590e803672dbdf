"""Turn a ``MechanismIR`` into the text of a Python module."""
