"""Pure rules: no Qt, SQL, files, clock or randomness. What they need from outside comes in as a value."""
