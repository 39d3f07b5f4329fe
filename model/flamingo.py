"""Flamingo (arXiv 2204.14198): resampled visual features shown to a frozen language model through inserted blocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from model.config import FlamingoConfig
from model.language_model import LanguageModel
from model.resampler import PerceiverResampler
from model.xattn import GatedCrossAttentionBlock


class Flamingo(nn.Module):
    """Text and features to logits. Trainable: the resampler, the inserted blocks and the two rows of `<EOC>`.

    The language model itself is not changed: hooks run a block before layer i where (i - first_layer) is a multiple
    of every_n, and add one column of logits. Outside `forward` the hooks do nothing. `<EOC>` has embedding rows of its
    own, so that neither weight decay nor a tied embedding can move a row of the frozen table.
    """

    def __init__(self, config: FlamingoConfig, language_model: LanguageModel, feature_channels: int) -> None:
        super().__init__()
        width, settings = language_model.width, config.cross_attention
        heads = settings.heads or language_model.heads
        self.language_model = language_model.model
        self.eoc_id = language_model.vocabulary_size
        self.resampler = PerceiverResampler(config.resampler, feature_channels)
        self.blocks = nn.ModuleDict(
            {
                str(i): GatedCrossAttentionBlock(settings, width, config.resampler.width, heads)
                for i in range(settings.first_layer, len(language_model.layers), settings.every_n)
            }
        )
        # Both rows start as the mean of the known ones: an ordinary token, neither favoured nor excluded.
        embeddings, head = self.language_model.get_input_embeddings(), self.language_model.get_output_embeddings()
        self.eoc_embedding = nn.Parameter(embeddings.weight.mean(dim=0, dtype=torch.float32))
        self.eoc_unembedding = nn.Parameter(head.weight.mean(dim=0, dtype=torch.float32))

        self._seen: tuple[Tensor, Tensor] | None = None  # media and phi while `forward` runs
        for name, block in self.blocks.items():
            layer = language_model.layers[int(name)]
            layer.register_forward_pre_hook(self._insert(block), with_kwargs=True)
        head.register_forward_hook(self._append_eoc_logit)

    def forward(self, features: Tensor, tokens: Tensor, phi: Tensor) -> Tensor:
        """Logits [B, L, V + 1]; the last column is `<EOC>`.

        `features` [B, N, T, S, C]: N images (zero where there is none) of T frames and S grid cells. `tokens` [B, L],
        padded on the right. `phi` [B, L] in 0 ... N: the image that a token sees, 0 for none. No attention mask is
        needed: a token never sees what stands to its right.
        """
        batch, images = features.shape[:2]
        media = self.resampler(features.flatten(0, 1)).unflatten(0, (batch, images))
        with self._show(media, phi):
            output = self.language_model(inputs_embeds=self._embed(tokens), use_cache=False)
        logits: Tensor = output.logits
        return logits

    def train(self, mode: bool = True) -> "Flamingo":
        """As in `nn.Module`, but the language model stays in evaluation mode: no dropout in what is frozen."""
        super().train(mode)
        self.language_model.eval()
        return self

    def trainable_state(self) -> dict[str, Tensor]:
        """The trained tensors by name: all that a checkpoint needs beside the language model."""
        return {name: parameter.detach() for name, parameter in self.named_parameters() if parameter.requires_grad}

    def gates(self) -> dict[str, dict[str, float]]:
        """tanh(alpha) of every block: {"attention": {"0": ...}, "dense": {"0": ...}}, by layer."""
        return {
            kind: {
                layer: block.get_parameter(f"alpha_{kind}").detach().tanh().item()
                for layer, block in self.blocks.items()
            }
            for kind in ("attention", "dense")
        }

    def _embed(self, tokens: Tensor) -> Tensor:
        is_eoc = tokens == self.eoc_id
        known = self.language_model.get_input_embeddings()(tokens.masked_fill(is_eoc, 0))
        return torch.where(is_eoc[..., None], self.eoc_embedding.to(known.dtype), known)

    @contextmanager
    def _show(self, media: Tensor, phi: Tensor) -> Iterator[None]:
        self._seen = (media, phi)
        try:
            yield
        finally:
            self._seen = None

    def _insert(self, block: nn.Module) -> Any:
        def before_layer(
            _layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
            if self._seen is None:
                return None
            if args:
                return (block(args[0], *self._seen), *args[1:]), kwargs
            return args, kwargs | {"hidden_states": block(kwargs["hidden_states"], *self._seen)}

        return before_layer

    def _append_eoc_logit(self, _head: nn.Module, args: tuple[Tensor], logits: Tensor) -> Tensor | None:
        if self._seen is None:
            return None
        eoc = args[0] @ self.eoc_unembedding.to(args[0].dtype)
        return torch.cat([logits, eoc[..., None]], dim=-1)
