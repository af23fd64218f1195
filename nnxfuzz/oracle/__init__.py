"""What is right: the Python loop, worlds and their comparison, the contract."""
