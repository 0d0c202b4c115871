"""The same system without Docker, for `make demo` and the tests: servers and processes."""
