"""Which published and own models jxneuron is held against, and what came out."""
