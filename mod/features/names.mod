: Names that mean something in Python or in generated code.

NEURON {
    SUFFIX names
    NONSPECIFIC_CURRENT i
    RANGE lambda, is, in, def, p, s, env, shaped, scale, jnp, k, choose_1
}

PARAMETER { lambda = 2   is = 0.5   class = 3   in = 4   p = 0.1   True = 2 }

ASSIGNED { v (mV)  i (mA/cm2)  def  env  shaped  k  jnp  choose_1  current  range }

STATE { s  scale }

INITIAL { s = power(v, is)   scale = 0   k = where(v)   env = 0   jnp = 0  shaped = 0  choose_1 = 0 }

BREAKPOINT {
    LOCAL with, list
    SOLVE advance METHOD cnexp
    with = s*p
    list = 2
    current = with + scale
    range = list*current
    jnp = where(v)
    i = 1e-5*(current + range/1000)
}

DERIVATIVE advance {
    def = power(v, in)
    s' = (def - s)/lambda
    scale' = -scale*class + s*True
}

FUNCTION power(x, y) {
    lookup(x)
    power = env + y + 1/(1 + exp(-x/10))
}

PROCEDURE lookup(tables) {
    env = tables/10
    if (env > 1) { shaped = lambda } else { shaped = otherwise(env, 1) }
    choose_1 = shaped
}

FUNCTION otherwise(then, yield) { otherwise = then*yield + 2 }

FUNCTION where(async) {
    LOCAL found
    found = async
    FROM None = 0 TO 2 { found = found + None }
    where = found
}
