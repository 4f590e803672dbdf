"""Graded synapses written by hand: the class to derive one's own from, and a library of them."""

from jxneuron.synapses.library import IonotropicSynapse as IonotropicSynapse
from jxneuron.synapses.library import TanhConductanceSynapse as TanhConductanceSynapse
from jxneuron.synapses.library import TanhRateSynapse as TanhRateSynapse
from jxneuron.synapses.library import TestSynapse as TestSynapse
from jxneuron.synapses.synapse import Synapse as Synapse
