"""Vector.play in all its forms: steps and lines into clamps, a constant interval, a parameter of the membrane.

NEURON keeps vectors that are played only as long as somebody holds them, hence the list.
"""

from neuron import h

h.celsius, h.tstop = 12, 110
soma, axon, ball = (h.Section(name=name) for name in ("soma", "axon", "ball"))
soma.L = soma.diam = 22
axon.L, axon.diam, axon.nseg = 500, 1.5, 9
axon.connect(soma(1))
ball.L = ball.diam = 30
for section in (soma, axon, ball):
    section.insert("hh")
axon.insert("pas")
for segment in axon:
    segment.pas.g, segment.pas.e = 1e-5, -62

ramp = h.IClamp(soma(0.5))  # follows a line between points
ramp.delay, ramp.dur = 0, 1e9
steps = h.IClamp(axon(0.95))  # jumps at the times of a vector
steps.delay, steps.dur = 0, 1e9
noise = h.IClamp(axon(0.3))  # a value every 0.4 ms
noise.delay, noise.dur = 0, 1e9
clamp = h.SEClamp(ball(0.5))  # the command voltage follows a line, with two points at one time for a jump
clamp.rs, clamp.dur1 = 0.5, 1e9

held = []


def play(values, target, *how):
    """Play values into a pointer; the vectors stay alive."""
    vectors = [h.Vector(each) if isinstance(each, list) else each for each in how]
    held.extend([h.Vector(values), *vectors])
    held[-1 - len(vectors)].play(target, *vectors)


play([0, 0, 0.6, 0.2, 0.9, 0], ramp._ref_amp, [0, 4.99, 30.3, 52, 80.01, 95], True)
play([0, 0.3, -0.1, 0.2, 0], steps._ref_amp, [0, 20, 41.3, 60.01, 90])
play([0.02 * ((37 * k) % 11 - 5) for k in range(250)], noise._ref_amp, 0.4)
play([-65, -65, -20, -20, -70, -40], clamp._ref_amp1, [0, 10, 10, 35, 35, 100], True)
play([1e-5, 3e-4, 1e-5], axon(0.5).pas._ref_g, [0, 45, 75])
