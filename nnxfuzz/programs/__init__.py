"""The language of generated programs: data and its checks, live objects, shrinking."""
