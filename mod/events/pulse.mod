: Transmitter pulses of a fixed length (Destexhe, Mainen and Sejnowski 1998), which end by an event of their own.

NEURON {
    POINT_PROCESS Pulse
    NONSPECIFIC_CURRENT i
    RANGE Cdur, Alpha, Beta, e, g, synon
}

PARAMETER { Cdur = 0.7 (ms)  Alpha = 1.1 (/ms)  Beta = 0.3 (/ms)  e = 0 (mV) }

ASSIGNED { v (mV)  i (nA)  g (uS)  Rinf  Rtau (ms)  synon }

STATE { Ron (uS)  Roff (uS) }

INITIAL {
    Rinf = Alpha/(Alpha + Beta)
    Rtau = 1/(Alpha + Beta)
    synon = 0
}

BREAKPOINT {
    SOLVE release METHOD cnexp
    g = Ron + Roff
    i = g*(v - e)
}

DERIVATIVE release {
    Ron' = (synon*Rinf - Ron)/Rtau
    Roff' = -Beta*Roff
}

NET_RECEIVE(weight, on, nspike, r0, t0 (ms)) {
    IF (flag == 0) {
        nspike = nspike + 1
        IF (!on) {
            r0 = r0*exp(-Beta*(t - t0))
            t0 = t
            on = 1
            synon = synon + weight
            Ron = Ron + r0
            Roff = Roff - r0
        }
        net_send(Cdur, nspike)
    }
    IF (flag == nspike) {
        r0 = weight*Rinf + (r0 - weight*Rinf)*exp(-(t - t0)/Rtau)
        t0 = t
        synon = synon - weight
        Ron = Ron - r0
        Roff = Roff + r0
        on = 0
    }
}
