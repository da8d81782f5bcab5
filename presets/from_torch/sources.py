"""Where networks come from, and how one is made without its weights."""
import contextlib
import difflib
import importlib.util
import inspect
import pathlib
import sys
import warnings

from torch import nn

from .facts import Misused, Refused, raised


@contextlib.contextmanager
def uninitialised():
    """torch.nn.init does nothing: values do not matter here, and memory that is never written is never taken."""
    before = {n: f for n, f in vars(nn.init).items() if n.endswith("_") and not n.startswith("_") and callable(f)}
    for name in before:
        setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(nn.init, name, function)


def build(source, config=None):
    """The network that a source names, on the CPU."""
    try:
        with uninitialised(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = factory(source)(**(config or {}))
    except Refused:
        raise
    except ImportError as error:
        raise Refused(f"{source} cannot be made here: {error}") from error
    except Exception as error:
        raise Refused(f"{source} cannot be made: its factory raises {raised(error)}") from error
    if not isinstance(model, nn.Module):
        raise Refused(f"{source} returns an object of the class {type(model).__name__}, but must return a torch.nn.Module")
    for path, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if isinstance(tensor, nn.parameter.UninitializedTensorMixin):
            raise Refused(f"{source} has in {path} a tensor that gets its shape in the first forward: let the factory run one")
    return model


def factory(source):
    """What makes the network, given its configuration."""
    kind, _, name = source.rpartition(":")
    if name and kind == "torchvision":
        return torchvision_model(name)
    if name and kind == "timm":
        return timm_model(name)
    if name and kind == "transformers":
        return transformers_model(name)
    if name and kind.endswith(".py"):
        return made_by_file(kind, name)
    raise Misused(f"{source} is no source: it is torchvision:NAME, timm:NAME, transformers:CLASS or FILE.py:FACTORY")


def unnamed(where, name, names):
    """The refusal of a name that is none of those there are."""
    closest = difflib.get_close_matches(name, names, cutoff=0.5)
    return Misused(f"{where} has no {name}" + (f"; the closest it has: {', '.join(closest)}" if closest else ""))


def torchvision_model(name):
    from torchvision import models
    if name.lower() not in models.list_models():
        raise unnamed("torchvision", name, models.list_models())
    arguments = inspect.signature(models.get_model_builder(name)).parameters
    nothing = {k: None for k in ("weights", "weights_backbone") if k in arguments}
    return lambda **config: models.get_model(name, **{**nothing, **config})


def timm_model(name):
    import timm
    if not timm.is_model(name):
        raise unnamed("timm", name, timm.list_models())
    return lambda **config: timm.create_model(name, pretrained=False, **config)


def transformers_model(name):
    import transformers
    cls = getattr(transformers, name, None)
    if cls is None:
        raise unnamed("transformers", name, dir(transformers))
    if getattr(cls, "config_class", None) is None:
        raise Misused(f"transformers.{name} has no configuration class of its own: name a model's class, as BertModel")
    return lambda **config: cls(cls.config_class(**config))


def made_by_file(path, name):
    module = imported(path)
    if not hasattr(module, name):
        raise unnamed(path, name, [n for n, v in vars(module).items() if getattr(v, "__module__", None) == module.__name__])
    found = getattr(module, name)
    return (lambda: found) if isinstance(found, nn.Module) else found


def imported(path):
    path = pathlib.Path(path).resolve()
    if not path.exists():
        raise Misused(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def to_meta(model):
    """Parameters and buffers become tensors without values; what was one tensor stays one.  Small buffers are remembered."""
    moved = {}

    def meta(tensor):
        if id(tensor) not in moved:
            new = tensor.detach().to("meta")
            if isinstance(tensor, nn.Parameter):
                new = nn.Parameter(new, requires_grad=tensor.requires_grad)
            elif tensor.numel() <= 1 << 20:
                new.value_on_host = tensor.detach()
            moved[id(tensor)] = (tensor, new)
        return moved[id(tensor)][1]

    for module in model.modules():
        for own in (module._parameters, module._buffers):
            for name, tensor in own.items():
                if tensor is not None:
                    own[name] = meta(tensor)
    return model


@contextlib.contextmanager
def in_dtype(model, dtype):
    """The same network with its floating-point parameters and buffers in another element type, as model.to(dtype)."""
    before, moved = [], {}
    for module in model.modules():
        for own in (module._parameters, module._buffers):
            for name, tensor in own.items():
                if tensor is not None and tensor.is_floating_point() and tensor.dtype is not dtype:
                    before.append((own, name, tensor))
                    if id(tensor) not in moved:
                        new = tensor.detach().to(dtype)
                        moved[id(tensor)] = nn.Parameter(new, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else new
                    own[name] = moved[id(tensor)]
    try:
        yield model
    finally:
        for own, name, tensor in before:
            own[name] = tensor


@contextlib.contextmanager
def in_mode(model, training):
    """The same network in training or evaluation mode, as model.train(training)."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield model
    finally:
        for module, mode in before:
            module.training = mode


@contextlib.contextmanager
def unchanged(model):
    """Takes back whatever a forward leaves in its modules (caches, hooks, buffers), so that each recording is of a first one."""
    before = [(vars(m), dict(vars(m)), [(v, v.copy()) for v in vars(m).values() if isinstance(v, (dict, list, set))])
              for m in model.modules()]
    try:
        yield model
    finally:
        for members, were, collections in before:
            members.clear()
            members.update(were)
            for collection, content in collections:
                collection.clear()
                (collection.extend if isinstance(collection, list) else collection.update)(content)
