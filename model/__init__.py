"""Flamingo in PyTorch: frozen vision encoder, Perceiver Resampler, gated cross-attention in a frozen language model."""
