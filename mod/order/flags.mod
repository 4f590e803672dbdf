TITLE What the first instance sets decides what the others do: in IF, WHILE, a LOCAL, a FUNCTION, an equation

NEURON {
    SUFFIX flags
    NONSPECIFIC_CURRENT i
    RANGE g, x, turns, chosen, asked
    GLOBAL seen, later
}

PARAMETER { g = 1e-5 (S/cm2) }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    seen
    later
    x
    turns
    chosen
    asked
}

LOCAL gate, done, wait, answer

STATE { n }

INITIAL {
    n = 0
    if (seen == 1) { later = 5 }
    seen = 1
    x = later
}

BREAKPOINT { LOCAL q
    SOLVE states METHOD cnexp
    turns = 0
    while (wait < 3) {
        wait = wait + 1
        turns = turns + 1
    }
    if (t > 1.01 && t < 1.06) { wait = 1 }
    if (done > 6) { q = 1 } else { q = 2 }
    chosen = q
    done = done + 1
    if (done > 9) { done = 0 }
    asked = ask()
    i = g*(v + 60 + n + 0.1*chosen + 0.01*turns)
}

DERIVATIVE states {
    n' = (gate - n)/3
    gate = 1 - gate
}

FUNCTION ask() {
    if (answer < 4) { answer = answer + 1 } else { answer = 0 }
    ask = answer
}
