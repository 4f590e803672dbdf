"""``MechanismIR`` to the text of a Python module."""
