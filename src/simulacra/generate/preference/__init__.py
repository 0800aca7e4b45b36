"""Post-training data: pairs of a better and a worse answer, revisions by principles, reasoning that was verified."""
