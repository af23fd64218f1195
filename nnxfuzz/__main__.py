"""`python -m nnxfuzz`."""

from nnxfuzz.cli import main

if __name__ == "__main__":
    main()
