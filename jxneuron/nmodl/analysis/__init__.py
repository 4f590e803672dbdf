"""Syntax to ``MechanismIR``: names, checks, what each block reads and writes, and when TABLEs are built."""
