"""A server under judgement: how it is reached, what is sent to it, and what its answers are held against."""
