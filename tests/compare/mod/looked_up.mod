: Functions that the user gives as data, of one and of two arguments: NEURON crashes where v is no number.
NEURON { SUFFIX looked_up USEION ca READ cai RANGE minf, x NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV)  i (mA/cm2)  minf  x  cai (mM) }
STATE { m }
INITIAL {
    minf = steady(v)
    m = minf
    x = both(v, cai)
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    x = both(v, cai)
    i = 1e-4*m*x*(v + 65) + 1e-9*m^1.5
}
DERIVATIVE states {
    minf = steady(v)
    m' = (minf - m)/(0.1 + tau(v))
}
FUNCTION_TABLE steady(v (mV))
FUNCTION_TABLE tau(v (mV)) (ms)
FUNCTION_TABLE both(v (mV), c (mM))
