"""The road of a distillation: material, a teacher that writes or labels, a student, the verdict."""
