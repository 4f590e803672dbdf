: Fires at the times of a Vector that hoc hands over.
NEURON { ARTIFICIAL_CELL Listed }
ASSIGNED { index  etime (ms)  space }
INITIAL {
    index = 0
    element()
    if (index > 0) { net_send(etime - t, 1) }
}
NET_RECEIVE (w) {
    if (flag == 1) {
        net_event(t)
        element()
        if (index > 0) { net_send(etime - t, 1) }
    }
}
PROCEDURE element() {
    VERBATIM
    { IvocVect* vv = *((IvocVect**)(&space));
      int i = (int)index;
      if (i >= 0 && vv && i < vector_capacity(vv)) {
          etime = vector_vec(vv)[i];
          index += 1.;
      } else {
          index = -1.;
      } }
    ENDVERBATIM
}
PROCEDURE play() {
    VERBATIM
    *((IvocVect**)(&space)) = ifarg(1) ? vector_arg(1) : nullptr;
    ENDVERBATIM
}
