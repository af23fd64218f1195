"""nnxfuzz: a property-based fuzzer for the loop transforms of Flax NNX."""

__version__ = "0.1.0"
