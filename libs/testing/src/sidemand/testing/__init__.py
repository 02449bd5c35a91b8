"""Real servers, fakes and conformance suites for Sidemand's tests. For development only."""
