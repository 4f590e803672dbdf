"""The immutable model: records, discretisation, checks, files."""
