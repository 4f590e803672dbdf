"""The internal unit of each quantity, and each conversion factor once.

Everything inside jxneuron is in NEURON's own units:

=====================  =========  ==================================
voltage                mV         time                        ms
point current          nA         current density             mA/cm2
conductance (point)    uS         conductance density         S/cm2
capacitance density    uF/cm2     axial resistivity           ohm cm
length, diameter       um         area                        um2
concentration          mM         temperature                 degC
axial resistance       MOhm       charge per mole (Faraday)   C/mol
=====================  =========  ==================================

The balance equation of a node is written per area, in mA/cm2, so a point current in nA on an area in
um2 counts ``PER_AREA / area``: 1 nA/um2 = 1e-6 mA / 1e-8 cm2 = 100 mA/cm2.
"""

PER_AREA = 100.0  # (mA/cm2) per (nA/um2)
CAPACITY_RATE = 0.001  # (mA/cm2) per (uF/cm2 mV/ms): 1e-6 F/cm2 * 1 V/s = 1e-3 mA/cm2
SLOPE_INTERVAL = 0.001  # mV, the step of NEURON's slope di/dv = (i(v + 0.001) - i(v))/0.001
END_AREA = 100.0  # um2, the area that NEURON gives to nodes without one (nrn_area_ri in treeset.cpp)
FARADAY = 96485.33212331001  # C/mol, CODATA 2018: 1.602176634e-19 C * 6.02214076e23 /mol
GAS_CONSTANT = 8.31446261815324  # J/(mol K), CODATA 2018: 1.380649e-23 J/K * 6.02214076e23 /mol
ZERO_CELSIUS = 273.15  # K
