"""`python -m simulacra.cli` is the command `simulacra`."""

from .main import main

if __name__ == "__main__":
    main()
