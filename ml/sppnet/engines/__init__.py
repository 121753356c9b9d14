"""Ways to run one click network: torch as the reference, faster ones where they agree with it."""
