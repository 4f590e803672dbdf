"""Turn syntax into ``MechanismIR``: names, checks, what each block reads and writes, when TABLEs are built."""
