"""Writes the model document of a live PyTorch network: one forward pass is recorded, nothing is computed."""
