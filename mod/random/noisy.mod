: Every distribution of RANDOM, in INITIAL, in BREAKPOINT (which NEURON runs twice) and in BEFORE STEP.

NEURON {
    SUFFIX noisy
    NONSPECIFIC_CURRENT i
    RANGE uniform, between, exponential, scaled, gauss2, word, count, longest, kept
    RANDOM one, other
}

PARAMETER { rate = 0.3 }

ASSIGNED { v (mV)  i (mA/cm2)  uniform between exponential scaled gauss2 word count longest kept hidden }

INITIAL {
    random_setseq(one, 5)
    uniform = random_uniform(one)
    between = random_uniform(one, 2, 5)
    exponential = random_negexp(one) - random_negexp(one, 3)
    scaled = random_normal(other)
    gauss2 = random_normal(other, 2, 3)
    word = random_ipick(other)
    hidden = random_dpick(other)
    count = 0
    longest = 0
    kept = 0
}

BREAKPOINT {
    kept = hidden
    i = 1e-4*(v + 60) + 1e-3*noise()
}

BEFORE STEP {
    LOCAL drawn
    IF (random_uniform(other) < rate && random_uniform(other) < 0.9) { count = count + 1 }
    drawn = random_negexp(other)
    IF (drawn > longest) { longest = drawn }
}

FUNCTION noise() { noise = random_normal(one) }
