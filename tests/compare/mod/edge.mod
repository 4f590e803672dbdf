: IFs and floors on values that are equal but for the last digit of an exp, and one on values that are given exactly.
: A GLOBAL that is no number after a step, and that nothing reads; one that the first INITIAL of a process sets.
NEURON { SUFFIX edge NONSPECIFIC_CURRENT i RANGE m, tau, side, whole, low GLOBAL left, ratio }
ASSIGNED { v (mV) i (mA/cm2) minf tau side whole low left ratio }
STATE { m }
LOCAL done
INITIAL {
    minf = rise(v)
    m = minf
    if (m*m == minf*rise(v)) { side = 1 } else { side = 2 }
    whole = floor(minf/rise(v)*exp(0.01*v)*exp(-0.01*v))
    if (v < -40) { low = 1 } else { low = 2 }
    tau = 0
    if (done == 0) { done = 1 ratio = 2 }
}
BREAKPOINT { SOLVE states METHOD cnexp i = 5e-5*ratio*m*(v + 65) left = log(-1 - m*m) }
DERIVATIVE states {
    minf = rise(v)
    if (m < minf) { tau = 2 } else { tau = 30 }
    m' = (minf - m)/tau
}
FUNCTION rise(v (mV)) { rise = 1/(1 + exp(-(v + 40)/7)) }
