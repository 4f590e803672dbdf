"""What pyright cannot see: jaxlib's compiled module has no types, yet Device is in the signatures of jax.numpy."""

from typing import Any

class Device: ...

def __getattr__(name: str) -> Any: ...
