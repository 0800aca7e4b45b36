"""Edge cases for functions and models over records: what they take, what breaks them, and the least that does."""
