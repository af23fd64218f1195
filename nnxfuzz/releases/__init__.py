"""Other Flax releases: the table, environments, the matrix, bisecting.  Imports no jax."""
