"""Children: everything that runs NEURON does so in a process of its own (process, build, script)."""
