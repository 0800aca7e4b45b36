"""Distillation: a teacher model writes or labels texts, a student learns from them, held-out real texts decide."""
