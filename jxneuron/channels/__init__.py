"""Channels written by hand: the class to derive one's own from, and a library of them."""

from jxneuron.channels.calcium import CaPump as CaPump
from jxneuron.channels.channel import Channel as Channel
from jxneuron.channels.hh import HH as HH
from jxneuron.channels.point_neurons import LIF as LIF
from jxneuron.channels.point_neurons import Fire as Fire
from jxneuron.channels.point_neurons import Izhikevich as Izhikevich
from jxneuron.channels.point_neurons import Rate as Rate
from jxneuron.channels.pospischil import CaL as CaL
from jxneuron.channels.pospischil import CaT as CaT
from jxneuron.channels.pospischil import K as K
from jxneuron.channels.pospischil import Km as Km
from jxneuron.channels.pospischil import Leak as Leak
from jxneuron.channels.pospischil import Na as Na
