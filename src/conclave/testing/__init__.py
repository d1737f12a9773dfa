"""Testing what is built on Conclave: an echo for conformance suites."""
