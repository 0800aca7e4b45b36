"""Language models: who answers, and the engine that asks them."""
