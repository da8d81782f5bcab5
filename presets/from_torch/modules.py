"""Modules: which of them are one row, and what that row says of them."""
import inspect

import torch
from torch import nn

# The modules of torch.nn that are one row each.
ROWS = """
Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d Linear Bilinear
BatchNorm1d BatchNorm2d BatchNorm3d LayerNorm GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LocalResponseNorm RMSNorm
MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d
AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d LPPool1d LPPool2d LPPool3d FractionalMaxPool2d FractionalMaxPool3d
MaxUnpool1d MaxUnpool2d MaxUnpool3d
ReLU ReLU6 LeakyReLU PReLU RReLU ELU SELU CELU GELU SiLU Mish Hardswish Hardsigmoid Hardtanh Hardshrink Softshrink Tanhshrink
Sigmoid LogSigmoid Softplus Softsign Tanh Threshold GLU Softmax Softmax2d Softmin LogSoftmax
Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout
Flatten Unflatten Identity Upsample UpsamplingNearest2d UpsamplingBilinear2d PixelShuffle PixelUnshuffle ChannelShuffle
Fold Unfold
ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d
ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d
Embedding EmbeddingBag RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention CosineSimilarity PairwiseDistance
"""
CLASSES = {getattr(nn, name): name for name in ROWS.split() if hasattr(nn, name)}

# Settled by the shape of what comes in.
INFERRED = {"in_channels", "in_features", "num_features", "num_channels", "input_size", "embed_dim", "in1_features",
            "in2_features"}
NO_ATTRIBUTE = {"self", "device", "dtype", "inplace", "args", "kwargs"}
# An integer stands for equal sizes, where PyTorch allows it.
WINDOWS = {"kernel_size", "stride", "padding", "dilation", "output_padding"}
# Whether the module has a tensor of that name.
OWNED = {"affine": "weight", "elementwise_affine": "weight", "add_bias_kv": "bias_k"}
# torch.nn's own recurrent networks take their attributes as *args.
RECURRENT = {"input_size": None, "hidden_size": None, "num_layers": 1, "nonlinearity": "tanh", "bias": True, "batch_first": False,
             "dropout": 0.0, "bidirectional": False, "proj_size": 0}
# Arguments of a call that are attributes of the row.
CALL = {"need_weights": True, "average_attn_weights": True, "is_causal": False, "output_size": None}


def row_class(module):
    """The torch.nn class whose forward this module runs unchanged, if that is one row; else None."""
    cls = type(module)
    if hasattr(module, "parametrizations") and cls.__name__.startswith("Parametrized"):
        cls = cls.__mro__[1]
    for base in cls.__mro__:
        if base in CLASSES:
            unchanged = cls.forward is base.forward and "forward" not in vars(module) \
                and getattr(cls, "_conv_forward", None) is getattr(base, "_conv_forward", None)
            return base if unchanged else None
    return None


def unhooked(module):
    """torchsummary hooks neither Sequentials nor ModuleLists, subclasses included."""
    return isinstance(module, (nn.Sequential, nn.ModuleList))


def one_size(value):
    """Equal sizes as one integer."""
    if isinstance(value, (list, tuple)):
        return value[0] if value and all(v == value[0] and v is not None for v in value) else list(value)
    return value


def attributes(module, base):
    """What the row says of its module: the constructor's arguments that are not the defaults."""
    said = {}
    for name, default in defaults(module, base).items():
        value = held(module, name)
        windows = name in WINDOWS and "Pad" not in base.__name__
        if windows or name == "output_size" and base is not nn.Fold or name == "scale_factor":
            value = one_size(value)
        elif isinstance(value, (torch.Size, tuple)):
            value = value[0] if name == "normalized_shape" and len(value) == 1 else list(value)
        if name == "stride" and default is None and value == one_size(module.kernel_size):
            continue
        if name in ("kdim", "vdim") and value == module.embed_dim:
            continue
        if isinstance(value, (bool, int, float, str, list)) and value != default or value is None and default is not None:
            said[name] = value
    return said


def defaults(module, base):
    """{argument of the constructor: its default}, without what the input settles or no row says."""
    if isinstance(module, nn.RNNBase):
        found = {k: v for k, v in RECURRENT.items() if hasattr(module, k) and (k != "nonlinearity" or base is nn.RNN)}
    else:
        signature = inspect.signature(base.__init__).parameters
        found = {k: None if p.default is p.empty else p.default for k, p in signature.items()}
    return {k: v for k, v in found.items() if k not in INFERRED and k not in NO_ATTRIBUTE and not k.startswith("_")}


def held(module, name):
    """The value of a constructor's argument, as the module has it now."""
    own = {n for n, p in module._parameters.items() if p is not None} | set(getattr(module, "parametrizations", ()))
    if name in OWNED:
        return OWNED[name] in own
    if name == "bias" and not isinstance(module, nn.RNNBase):
        if isinstance(module, nn.MultiheadAttention):
            return "in_proj_bias" in own
        if isinstance(module, nn.RNNCellBase):
            return "bias_ih" in own
        normalizes = isinstance(module, (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm))
        return "bias" in own or normalizes and "weight" not in own
    if name == "p" and isinstance(module, nn.PairwiseDistance):
        return module.norm
    return 0.25 if name == "init" else getattr(module, name, None)


def hooks(root):
    """{id of a module: how many hooks torchsummary gives it}: one for each parent that holds it."""
    count = {}

    def visit(module):
        count[id(module)] = count.get(id(module), 0) + 1
        for child in module.children():
            visit(child)

    visit(root)
    return {key: n for key, n in count.items() if key != id(root)}


def paths(root):
    """{id of a module: its first dotted path}; the root's is empty."""
    return {id(module): name for name, module in root.named_modules()}


def tensors(root):
    """[(path, tensor, is a buffer)] in the order in which .cuda() visits them: children first; every path of a shared tensor."""
    found = []

    def visit(module, prefix):
        for name, child in module._modules.items():
            if child is not None:
                visit(child, f"{prefix}{name}.")
        found.extend((prefix + n, p, False) for n, p in module._parameters.items() if p is not None)
        found.extend((prefix + n, b, True) for n, b in module._buffers.items() if b is not None)

    visit(root, "")
    return found
