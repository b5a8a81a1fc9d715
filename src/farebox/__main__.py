"""`python -m farebox`: the same command line as `farebox`."""

from farebox.cli import main

if __name__ == "__main__":
    main()
