: An artificial cell: events move the one that it sent to itself, as in NEURON's IntFire2 and IntFire4.

NEURON {
    ARTIFICIAL_CELL Firing
    RANGE tau, drive, refractory, m, fired, moved
}

PARAMETER { tau = 8 (ms)  drive = 1.3  refractory = 1.5 (ms) }

ASSIGNED { m  fired  moved  t0 (ms)  resting }

INITIAL {
    m = 0
    t0 = t
    fired = 0
    moved = 0
    resting = 0
    net_send(firetime(), 1)
}

FUNCTION firetime() (ms) { firetime = tau*log((drive - m)/(drive - 1)) }

PROCEDURE update() {
    m = drive + (m - drive)*exp(-(t - t0)/tau)
    t0 = t
}

NET_RECEIVE(w) {
    IF (flag == 1) {
        net_event(t)
        fired = fired + 1
        m = 0
        resting = 1
        t0 = t
        net_send(refractory, 2)
    } ELSE IF (flag == 2) {
        resting = 0
        t0 = t
        net_send(firetime() - t + t, 1)
    } ELSE IF (resting == 0) {
        update()
        m = m + w
        IF (m >= 1) {
            m = 1
            net_move(t)
        } ELSE {
            net_move(t + firetime())
        }
        moved = moved + 1
    }
}
