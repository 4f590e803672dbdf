"""One file for each METHOD of SOLVE, and what several of them share: ``backward_euler`` and ``reactions``.

In: the function that a block has become, its states and what it reads. Out: the states after the step, and what the
statements of the block set. Generated code imports the solvers from ``jxneuron.mech``.
"""
