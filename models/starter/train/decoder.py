"""Gemma 3 as a plain torch module, for rows that hold several pairs of sentences.

Architecture: *Gemma 3 Technical Report* (arXiv:2503.19786), the text decoder without its sliding windows, which only matter
beyond 512 pieces. Shapes: B rows, L pieces a row. Weights are float32; activations have `precision`.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

NEAR, FAR = 1e4, 1e6  # bases of the rotary positions: of most layers, and of every `Shape.far`-th
HIDDEN = -1e9  # what a piece that must not be seen weighs before the softmax


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a decoder. `targets`: pieces below this number may be produced, the others only stand in sources."""

    vocabulary: int
    targets: int
    width: int = 640
    heads: int = 4
    head_width: int = 256
    inner: int = 2048
    layers: int = 18
    far: int = 6
    epsilon: float = 1e-6

    def sees_far(self, layer: int) -> bool:
        """Whether a layer, counted from 0, looks at the whole of a long text."""
        return layer % self.far == self.far - 1


class Layer(nn.Module):
    """Attention of several heads over one head of keys and values, and a gated step; a norm before and after each."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        queries = shape.heads * shape.head_width
        self.q = nn.Linear(shape.width, queries, bias=False)
        self.k = nn.Linear(shape.width, shape.head_width, bias=False)
        self.v = nn.Linear(shape.width, shape.head_width, bias=False)
        self.o = nn.Linear(queries, shape.width, bias=False)
        self.gate = nn.Linear(shape.width, shape.inner, bias=False)
        self.up = nn.Linear(shape.width, shape.inner, bias=False)
        self.down = nn.Linear(shape.inner, shape.width, bias=False)
        self.before_attention = nn.Parameter(torch.zeros(shape.width))
        self.after_attention = nn.Parameter(torch.zeros(shape.width))
        self.before_mlp = nn.Parameter(torch.zeros(shape.width))
        self.after_mlp = nn.Parameter(torch.zeros(shape.width))
        self.q_norm = nn.Parameter(torch.zeros(shape.head_width))
        self.k_norm = nn.Parameter(torch.zeros(shape.head_width))

    def forward(self, x: torch.Tensor, mask: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        """(B, L, width) -> (B, L, width); `mask` (B, 1, L, L) is true where a piece may look."""
        h = self._attend(self._normed(x, self.before_attention), mask, cos, sin)
        x = x + self._normed(h, self.after_attention)
        h = self._normed(x, self.before_mlp)
        h = self.down(functional.gelu(self.gate(h), approximate="tanh") * self.up(h))
        return x + self._normed(h, self.after_mlp)

    def _attend(self, h: torch.Tensor, mask: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        rows, length, _ = h.shape
        heads, width = self.shape.heads, self.shape.head_width
        q = rotate(self._normed(self.q(h).view(rows, length, heads, width), self.q_norm).transpose(1, 2), cos, sin)
        k = rotate(self._normed(self.k(h).view(rows, length, 1, width), self.k_norm).transpose(1, 2), cos, sin)
        # All heads look at the same keys, so they are rows of one product.
        seen = torch.matmul(q.reshape(rows, heads * length, width), k.reshape(rows, length, width).transpose(1, 2))
        seen = seen.view(rows, heads, length, length).float() * width**-0.5
        share = torch.softmax(torch.where(mask, seen, HIDDEN), -1).to(h.dtype)
        y = torch.matmul(share.view(rows, heads * length, length), self.v(h))
        joined = y.view(rows, heads, length, width).transpose(1, 2).reshape(rows, length, heads * width)
        made: torch.Tensor = self.o(joined)
        return made

    def _normed(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return rms_norm(x, weight, self.shape.epsilon)


class Decoder(nn.Module):
    """The whole model but its last product: the output weights are those of the embedding.

    The order of the parameters is part of a saved state: the optimiser numbers them.
    """

    def __init__(self, shape: Shape, precision: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        self.shape, self.precision = shape, precision
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.last_norm = nn.Parameter(torch.zeros(shape.width))

    def forward(self, ids: torch.Tensor, segment: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        """Three (B, L) int64 -> (B, L, width) of `precision`.

        `segment` says which pair of its row a piece belongs to (0: none), `position` where in the pair it stands. Pieces see
        those of their own pair up to themselves.
        """
        length = ids.shape[1]
        earlier = torch.ones(length, length, dtype=torch.bool).tril()
        mask = ((segment[:, :, None] == segment[:, None, :]) & earlier)[:, None]
        near, far = (rotary(position, self.shape.head_width, base) for base in (NEAR, FAR))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision is torch.bfloat16):
            x = (self.embedding(ids) * math.sqrt(self.shape.width)).to(self.precision)
            for number, layer in enumerate(self.layers):
                x = layer(x, mask, *(far if self.shape.sees_far(number) else near))
            return rms_norm(x, self.last_norm, self.shape.epsilon)

    @property
    def output(self) -> torch.Tensor:
        """(targets, width): what a hidden state is multiplied with to give the logits of the pieces that may be produced."""
        return self.embedding.weight[: self.shape.targets]


def rms_norm(x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Root mean square norm over the last dimension, computed in float32; the gain is 1 + `weight`."""
    exact = x.float()
    return (exact * torch.rsqrt(exact.pow(2).mean(-1, keepdim=True) + epsilon) * (1 + weight)).to(x.dtype)


def rotary(position: torch.Tensor, width: int, base: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine, (B, 1, L, width / 2) each, for positions (B, L)."""
    inverse = 1.0 / (base ** (torch.arange(0, width, 2).float() / width))
    angle = position[..., None].float() * inverse
    return angle.cos()[:, None], angle.sin()[:, None]


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Turn the two halves of the last dimension against each other."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1).to(x.dtype)
