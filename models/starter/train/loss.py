"""Cross entropy over a large vocabulary without keeping the logits: gradients are made chunk by chunk on the way forward.

`smoothed_cross_entropy(hidden, output, target, smoothing)` is `torch.nn.functional.cross_entropy` with `label_smoothing` and
sums; logits of 2,700 pieces would take 300 MB, and as much again for their gradient.
"""

from typing import Any

import torch

CHUNK = 512  # pieces whose logits are there at once


def smoothed_cross_entropy(
    hidden: torch.Tensor, output: torch.Tensor, target: torch.Tensor, smoothing: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The summed loss, and the summed negative log likelihood (which has no gradient).

    `hidden` (N, width); `output` (V, width), float32, multiplied in the precision of `hidden`; `target` (N,) int64.
    """
    loss, likelihood = _SmoothedCrossEntropy.apply(hidden, output, target, smoothing)  # type: ignore[no-untyped-call]
    return loss, likelihood


class _SmoothedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, output: torch.Tensor, target: torch.Tensor, smoothing: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        weight = output.to(hidden.dtype)
        of_hidden, of_output = torch.empty_like(hidden), torch.zeros_like(output)
        loss = likelihood = 0.0
        for some, right, filled in zip(*(torch.split(one, CHUNK) for one in (hidden, target, of_hidden)), strict=True):
            grad, missed, unlikely = _chunk((some @ weight.T).float(), right, smoothing)
            loss, likelihood = loss + missed, likelihood + unlikely
            grad = grad.to(hidden.dtype)
            torch.mm(grad, weight, out=filled)
            of_output.add_(grad.T @ some)
        ctx.save_for_backward(of_hidden, of_output)
        both = torch.tensor(loss), torch.tensor(likelihood)
        ctx.mark_non_differentiable(both[1])
        return both

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None, None]:
        of_hidden, of_output = ctx.saved_tensors
        return of_hidden * grads[0], of_output * grads[0], None, None


def _chunk(logits: torch.Tensor, target: torch.Tensor, smoothing: float) -> tuple[torch.Tensor, float, float]:
    """The gradient by the logits (n, V), which are used up; summed loss and negative log likelihood."""
    total = logits.logsumexp(1, keepdim=True)
    unlikely = (total - logits.gather(1, target[:, None])).sum().item()
    uneven = (total - logits.mean(1, keepdim=True)).sum().item()
    grad = logits.sub_(total).exp_().sub_(smoothing / logits.shape[1])
    grad.scatter_add_(1, target[:, None], torch.full_like(total, smoothing - 1))
    return grad, (1 - smoothing) * unlikely + smoothing * uneven, unlikely
