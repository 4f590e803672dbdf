"""Hold the syntax tree of a file: its nodes, how to visit them, and arithmetic on expressions."""
