NEURON { SUFFIX kinsum RANGE pc, po, pi NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) kf kb }
STATE { pc po pi }
INITIAL { rates(v) SOLVE k STEADYSTATE sparse }
BREAKPOINT { SOLVE k METHOD sparse i = 1e-4*po*(v + 65) }
KINETIC k { rates(v) ~ pc <-> po (kf, kb)  ~ po <-> pi (0.1*kf, 1e-4)  CONSERVE pc + po + pi = 1 }
PROCEDURE rates(v) { kf = exp((v + 20)/8)  kb = exp(-(v + 60)/12) }
