"""The authors' network, put together from other people's libraries: what ours is held to.

segment-anything's prompt encoder and decoder, MobileSAM's TinyViT, and LLSIE written from the
paper under the names that the authors' checkpoints have.
"""

from __future__ import annotations

import warnings

import torch
from segment_anything.modeling import MaskDecoder, PromptEncoder, TwoWayTransformer
from torch import Tensor, nn

with warnings.catch_warnings():
    # It imports timm by its former names, and registers its models over timm's.
    warnings.simplefilter("ignore")
    from mobile_sam.modeling.tiny_vit_sam import TinyViT


class Block(nn.Module):
    """LLSIE (section 2.2), on the grid of its image."""

    def __init__(self) -> None:
        super().__init__()
        self.input_layer = self._layer(3, 3)
        self.depthwise = self._layer(32, 3, groups=32)
        self.pointwise = self._layer(32, 1)

    @staticmethod
    def _layer(channels: int, kernel: int, groups: int = 1) -> nn.Sequential:
        convolution = nn.Conv2d(channels, 32, kernel, padding=kernel // 2, groups=groups)
        return nn.Sequential(convolution, nn.ReLU(), nn.BatchNorm2d(32))

    def forward(self, image: Tensor) -> Tensor:
        wide = self.input_layer(image)
        return self.pointwise(self.depthwise(wide) + wide)


class AuthorsNet(nn.Module):
    """Takes the image at 256 and at 1024 px, both normalised, and points in its pixels."""

    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.image_encoder = TinyViT(
                img_size=1024,
                embed_dims=[64, 128, 160, 320],
                depths=[2, 2, 6, 2],
                num_heads=[2, 4, 5, 10],
                window_sizes=[7, 7, 14, 7],
                drop_path_rate=0.0,
            )
        self.prompt_encoder = PromptEncoder(256, (64, 64), (1024, 1024), mask_in_chans=16)
        transformer = TwoWayTransformer(depth=2, embedding_dim=256, mlp_dim=2048, num_heads=8)
        self.mask_decoder = MaskDecoder(transformer_dim=256, transformer=transformer)
        self.conv1 = Block()

    def forward(self, small: Tensor, large: Tensor, points: Tensor, labels: Tensor) -> Tensor:
        """One image. points 1×N×2 (x, y) as indices of pixels; logits 1×1×256×256."""
        low = self.conv1(small)
        sparse, dense = self.prompt_encoder((points, labels), None, None)
        # Their decoder is segment-anything's but for this addition.
        handle = self.mask_decoder.output_upscaling.register_forward_hook(lambda m, i, o: o + low)
        try:
            masks, _ = self.mask_decoder(
                self.image_encoder(large), self.prompt_encoder.get_dense_pe(), sparse, dense, False
            )
        finally:
            handle.remove()
        return masks


def shake(network: nn.Module, seed: int = 0) -> nn.Module:
    """Give every weight and running statistic a value that an error cannot hide behind."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=generator)
        elif tensor.is_floating_point() and tensor.ndim <= 1:
            noise = torch.randn(tensor.shape, generator=generator) * 0.1
            tensor.add_(noise)
    return network.eval()
