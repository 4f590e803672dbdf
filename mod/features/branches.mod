: KINETIC: reactions inside IF whose course the loop decides; statements among them act in the order of the text.

NEURON {
    SUFFIX branches
    RANGE rate
    RANGE speed_of_the_first_reaction, speed_of_the_second_reaction, speed_of_the_third_reaction
}

DEFINE N 3

UNITS { (mV) = (millivolt) }

PARAMETER { rate = 0.4 }

ASSIGNED {
    v (mV)
    speed_of_the_first_reaction   speed_of_the_second_reaction   speed_of_the_third_reaction
}

STATE { A B D[N] }

INITIAL {
    A = 1   B = 0.1
    FROM k = 0 TO N-1 { D[k] = 0.1*(k + 1) }
}

BREAKPOINT { SOLVE network METHOD sparse }

KINETIC network {
    LOCAL speed
    speed = exp(v/50)
    ~ A <-> B    (rate*speed, 0.3)
    speed_of_the_first_reaction = f_flux - b_flux
    speed = 0.1*speed
    ~ A <-> D[0]    (speed, 0.2)
    speed_of_the_second_reaction = f_flux - b_flux
    FROM k = 0 TO N-1 {
        if (k > 0) {
            ~ D[k-1] <-> D[k]    (0.2*speed, 0.1)
        } else {
            ~ D[k] <-> B    (0.3, 0.01*rate)
        }
        speed = speed*(1 + 0.1*k)
    }
    ~ B << (0.001*speed)
    speed_of_the_third_reaction = speed
}
