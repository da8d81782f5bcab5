"""The losses that a step can be recorded with, by the names of the core's `run.loss`."""
import torch
import torch.nn.functional as F

from .document import LOSSES
from .facts import Misused, Refused, ends, tensors_in


def known(name):
    """Raises Misused where no loss is called so."""
    if name not in LOSSES:
        raise Misused(f"there is no loss {name}: --loss is one of {', '.join(LOSSES)}")


def target(name, out):
    """(shape, element type) of what the loss compares with; None: with nothing."""
    first = next(iter(tensors_in(out)), None)
    if name == "mse":
        return tuple(first.shape), first.dtype
    if name == "ce":
        return (first.shape[0], *first.shape[2:]), torch.int64
    return None


def loss(name, out, wanted):
    if name == "model":
        return dict(ends(out))["loss"]
    if name == "ce":
        return cross_entropies(out, wanted)
    if name == "misa":
        return sampled_margin_rank(*out)
    return {"mse": lambda: F.mse_loss(out, wanted), "pow2": lambda: out.float().pow(2).mean(), "sum": lambda: out.sum()}[name]()


def cross_entropies(out, wanted):
    """Of one output; of main and auxiliary ones, as torchvision's training scripts weigh them; of a dictionary's, summed."""
    if hasattr(out, "_fields"):
        main, *auxiliary = [t for t in out if t is not None]
        weight = 0.3 if len(auxiliary) == 2 else 0.4
        return sum((weight * F.cross_entropy(a, wanted) for a in reversed(auxiliary)), F.cross_entropy(main, wanted))
    if isinstance(out, dict):
        return sum(F.cross_entropy(t, wanted) for t in out.values())
    return F.cross_entropy(out, wanted)


def similarity(image, audio):
    """Of one image (D, H, W) and one caption (D, T): the best position in the image for each frame, averaged over frames."""
    depth, height, width = image.shape
    matchmap = torch.mm(image.view(depth, -1).t(), audio).view(height, width, -1)
    best, _ = matchmap.max(0)
    best, _ = best.max(0)
    return best.mean()


def sampled_margin_rank(audios, images):
    """DAVEnet's: for each pair an impostor image and an impostor caption, the margin 1; every hinge is taken to be positive."""
    total = torch.zeros(1, device=images.device, requires_grad=True)
    for i in range(len(images)):
        other, frames = (i + 1) % len(images), audios.size(2)
        anchor = similarity(images[i], audios[i][:, 0:frames])
        impostors = (similarity(images[other], audios[i][:, 0:frames]), similarity(images[i], audios[other][:, 0:frames]))
        for impostor in impostors:
            difference = 1.0 + impostor - anchor
            bool((difference.data > 0).all())  # the published code reads it back
            total = total + difference
    return total / len(images)


def checked(name, out):
    """Raises Refused where the network's output is not what the loss takes."""
    known(name)
    if name == "model" and not isinstance(dict(ends(out)).get("loss"), torch.Tensor):
        raise Refused("the network returns nothing called loss: name another --loss")
    if name in ("mse", "pow2", "sum", "none") and not isinstance(out, torch.Tensor):
        raise Refused(f"the loss {name} takes one tensor, and the network returns a {type(out).__name__}")
    if name == "ce" and not tensors_in(out):
        raise Refused("the network returns no tensor that a cross entropy could take")
    if name == "misa" and not (isinstance(out, tuple) and [getattr(t, "ndim", 0) for t in out] == [3, 4]):
        raise Refused("the loss misa takes two outputs, (batch, depth, frames) and (batch, depth, height, width)")
