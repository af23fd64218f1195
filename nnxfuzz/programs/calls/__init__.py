"""Call programs: the second kind of generated program, whose statements may call any transform."""
