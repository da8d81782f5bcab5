"""Records one forward pass: every module call, every function and tensor method, the tensors between them.

The network and its inputs are on the meta device, so nothing is computed.  A recording is a list of `Call`s that holds facts
alone.  Tensors are told apart by `token`: an integer for each tensor object, the same in two recordings of one network.
"""
import contextlib
import inspect
import weakref

import torch
import torch.utils.checkpoint
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode

from . import functions, modules
from .facts import (Call, Dtype, Facts, Refused, Token, called_with, deep, dtype_of, encoded, ends, flat, is_number, output_kind,
                    returned, tensors_in)
from .functions import Unsayable
from .values import Unknown, evaluated

ORIGINAL_CALL = nn.Module.__call__
ORIGINAL_APPLY = torch.autograd.Function.__dict__["apply"]
ORIGINAL_ENTER, ORIGINAL_EXIT = torch.autocast.__enter__, torch.autocast.__exit__
INPUT_SAVER = getattr(torch.utils.checkpoint, "_NoopSaveInputs", None)  # what older PyTorch holds a region's inputs by
REGION = torch.utils.checkpoint._checkpoint_hook  # entered around what use_reentrant=False runs


class Recorder(TorchFunctionMode):
    """Runs a network once.  With `lifetimes` it keeps no tensor alive and notes after which row each storage is let go."""

    def __init__(self, root, inputs, lifetimes=False, answers=None, depth=None):
        super().__init__()
        self.root, self.lifetimes, self.depth, self.folding = root, lifetimes, depth, None
        self.calls, self.stack, self.quiet = [], [], False
        self.ends_in_half = []  # tokens of what is returned where the same network runs in bfloat16
        self.paths, self.hooks = modules.paths(root), modules.hooks(root)
        self.known, self.kept, self.tokens = {}, [], 0
        self.storages, self.storage_count, self.alive = {}, 0, []
        self.made, self.released = {}, {}          # storage: the row that made it, the row after which it was let go
        self.names, self.parameters = {}, {}       # token: name of an input, of a parameter
        self.computed, self.parametrizations = {}, {}
        self.failed_at, self.warnings = None, []
        self.answers, self.answered, self.values, self.makers = answers, [], {}, {}
        self.needs_gradient = set()  # tokens
        self.autocast_off, self.regions, self.checkpoint = 0, 0, None
        for path, tensor, _ in modules.tensors(root):
            if id(tensor) not in self.known:
                token = self.token(tensor)
                self.parameters[token] = path
                self.storage(tensor)
        for name, tensor in inputs:
            self.names[self.token(tensor)] = name
            self.storage(tensor)
        self.given, self.alive = set(range(self.storage_count)), []  # the storages of parameters and inputs

    # ---- which tensor is which
    def token(self, tensor):
        entry = self.known.get(id(tensor))
        if entry is not None and entry[0]() is tensor:
            return entry[1]
        token = Token(self.tokens)
        self.tokens += 1
        self.known[id(tensor)] = (weakref.ref(tensor), token)
        if tensor.requires_grad:
            self.needs_gradient.add(token)
        if not self.lifetimes:
            self.kept.append(tensor)
        return token

    def is_known(self, tensor):
        entry = self.known.get(id(tensor))
        return entry is not None and entry[0]() is tensor

    def storage(self, tensor):
        """The number of a tensor's storage; a new one is made by the row that is being recorded."""
        storage = tensor.untyped_storage()
        entry = self.storages.get(storage._cdata)
        if entry is not None and not entry[0].expired():
            return entry[1]
        number, self.storage_count = self.storage_count, self.storage_count + 1
        weak = StorageWeakRef(storage)
        self.storages[storage._cdata] = (weak, number)
        if self.lifetimes:
            self.alive.append((weak, number))
        else:
            self.kept.append(storage)
        return number

    def facts(self, tensor):
        return Facts(self.token(tensor), tensor, self.storage(tensor))

    def poll(self):
        """Whatever is gone now was let go after the last row."""
        if self.lifetimes:
            still = []
            for weak, number in self.alive:
                if weak.expired():
                    self.released[number] = len(self.calls) - 1
                else:
                    still.append((weak, number))
            self.alive = still

    def emit(self, call, outputs):
        """The call becomes a row."""
        call.outputs = [None if t is None else self.facts(t) for t in outputs]
        for facts in call.outputs:
            if facts is not None:
                self.made.setdefault(facts.storage, len(self.calls))
        call.autocast, call.checkpoint = not self.autocast_off, self.checkpoint
        for facts in call.outputs:
            if facts is not None and facts.requires_grad:
                self.needs_gradient.add(facts.token)
        call.cut = not torch.is_grad_enabled() and (call.trains or not self.needs_gradient.isdisjoint(
            t for t in [*call.inputs, *call.keywords.values()] if t is not None))
        self.calls.append(call)
        return call

    def known_inputs(self, tensors):
        """Tokens.  A tensor that nothing recorded has made was made before or beside the forward: a constant."""
        for tensor in tensors:
            if tensor is not None and not self.is_known(tensor) and not is_number(tensor):
                self.emit(self.constant_call(tensor), [tensor])
        return [None if t is None or is_number(t) else self.token(t) for t in tensors]

    def constant_call(self, tensor):
        on_host = {"device": "cpu"} if tensor.device.type == "cpu" else {}
        return Call("constant", attributes={"shape": list(tensor.shape), "dtype": dtype_of(tensor), **on_host}, scope=self.scope(),
                    warns=tensor.requires_grad)

    def scope(self):
        return self.stack[-1] if self.stack else ""

    # ---- functions
    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if self.quiet:
            op = functions.named(function)[0]
            if self.folding and op in UNLIKE:
                raise self.unfoldable(op)
            with self.of_known_size(op):
                return function(*args, **kwargs) if self.folding else executed(function, args, kwargs)
        return self.function(function, args, kwargs)

    def function(self, function, args, kwargs):
        op, inplace = functions.named(function)
        if op in REVERSED:
            return REVERSED[op](self, *args)
        if op == "_pack_padded_sequence":
            raise Refused(f"{self.place()} packs sequences of several lengths, which a document cannot say: leave pack_padded_sequence out, "
                          "as for sequences that are all as long as the input")
        if op in VALUES and args and isinstance(args[0], torch.Tensor) and args[0].device.type == "meta":
            return self.value(function, args, kwargs)
        given = tensors_in([args, kwargs])
        if op in NO_ROW:
            return function(*args, **kwargs)
        self.poll()
        call, versions = None, [(t, t._version) for t in given]
        on_device = [t for t in given if t.device.type == "meta"]
        if on_device:
            self.known_inputs(given)
            try:
                call = self.sayable(function, op, inplace, args, kwargs)
            except Unsayable:
                pass
        saves = []
        watched = saving(saves) if call is None and torch.is_grad_enabled() and on_device else contextlib.nullcontext()
        with self.silence(), self.of_known_size(op), watched:  # silence: what it calls is part of its row
            result = executed(function, args, kwargs)
        outputs = [args[0]] if op == "setitem" else flat(result)
        if op == "rand" and not on_device and isinstance(result, torch.Tensor) and result.device.type == "cpu":
            result.fill_(1 - 2 ** -24)  # what is left to chance on the host does not happen
        if not any(t is not None and t.device.type == "meta" for t in outputs):
            return result
        if not on_device:
            for tensor in outputs:
                if tensor is not None and not self.is_known(tensor):
                    self.emit(self.constant_call(tensor), [tensor])
        elif op in CREATION and not inplace or op in LIKE and result.dtype is not given[0].dtype:
            self.emit(self.constant_call(result), [result])
        elif call is not None:
            self.emit(call, outputs)
        elif any(t._version != v for t, v in versions) or not all(any(t is g for g in given) for t in outputs if t is not None):
            self.opaque(op + "_" * inplace, given, outputs, saves)
        if not self.lifetimes:
            for k, t in enumerate(outputs):
                if t is not None:
                    self.makers.setdefault(self.token(t), []).append((function, args, kwargs, k))
        return result

    @contextlib.contextmanager
    def of_known_size(self, op):
        """Says in our words what the meta device says in PyTorch's where the data would decide a size."""
        try:
            yield
        except RuntimeError as error:  # NotImplementedError among them
            if op in DATA_DEPENDENT and "meta" in str(error).lower():
                raise Refused(f"{self.place()} calls {DATA_DEPENDENT[op]}, whose result is as large as the data decide: "
                              "a document's sizes cannot depend on data") from error
            if "Cannot copy out of meta tensor" in str(error):
                raise Refused(f"{self.place()} takes a tensor to the host, in {op}, but a recording has no values") from error
            raise

    def place(self):
        """The network and the module in it whose forward runs."""
        return type(self.root).__name__ + (f", module {self.scope()}," if self.scope() else "")

    def sayable(self, function, op, inplace, args, kwargs):
        """The row of a call that the format can say.  Raises Unsayable."""
        call = Call(op, scope=self.scope(), inplace=inplace)
        if op in ("getitem", "setitem"):
            call.inputs = [self.token(args[0])]
            call.attributes["index"] = self.index(args[1])
            call.inplace = False
            if op == "setitem":
                self.operand(call, "value", args[2])
            return call
        if op in ("copy", "fill") and inplace:  # x.copy_(y) is x[...] = y
            call.op, call.inplace, call.attributes["index"] = "setitem", False, ["..."]
            call.inputs = [self.token(args[0])]
            self.operand(call, "value", args[1])
            return call
        call.op, args, kwargs = functions.normalised(function, op, args, kwargs)
        for name, value in functions.bound(call.op, args, kwargs):
            if name == "training":
                call.training = bool(value)
            elif name == "inplace":
                call.inplace = True
            elif name in functions.KEYWORDS and isinstance(value, torch.Tensor) and self.is_known(value):
                call.keywords[name] = self.token(value)
            elif name in functions.KEYWORDS and value is None:
                continue
            else:
                self.operand(call, name, value)
        training = dict(functions.TABLE[call.op]).get("training")
        if training is not None and call.training is None:
            call.training = training
        kernel = call.attributes.get("kernel_size")
        if call.attributes.get("stride") in (kernel, []) and call.op[:4] in ("max_", "avg_", "lp_p"):
            call.attributes.pop("stride")
        return call

    def operand(self, call, name, value):
        """A tensor joins the inputs; anything else is an attribute."""
        if isinstance(value, torch.Tensor) and self.is_known(value):
            call.inputs.append(self.token(value))
        elif isinstance(value, (list, tuple)) and value and all(isinstance(v, torch.Tensor) for v in value):
            call.inputs += self.known_inputs(value)
        else:
            windows = name in functions.WINDOWS or name == "output_size" and "adaptive" in call.op
            call.attributes[name] = modules.one_size(encoded(value)) if windows else encoded(value)

    def index(self, index):
        items = list(index) if isinstance(index, tuple) else [index]
        return [self.index_item(i) for i in items]

    def index_item(self, i):
        if isinstance(i, torch.Tensor):
            if is_number(i):
                return int(i)
            return {"tensor": self.known_inputs([i])[0]}
        if isinstance(i, slice):
            parts = [encoded(p) for p in (i.start, i.stop, i.step)]
            return ":" if parts == [None, None, None] else {"slice": parts}
        if i is Ellipsis:
            return "..."
        if i is None or isinstance(i, int) and not isinstance(i, bool):
            return i
        if isinstance(i, (list, tuple, range)):  # of a list of numbers PyTorch makes an index tensor, on the device
            return self.index_item(torch.tensor(list(i), device="meta"))
        try:
            return int(i)
        except (TypeError, ValueError):
            raise Unsayable("getitem") from None

    def opaque(self, function, given, outputs, saves, because="no row says it"):
        """A call without a row of its own: what came in, what came out, what backward keeps."""
        given = [t for t in given if t.device.type == "meta"]
        tokens = self.known_inputs(given)
        storages = [self.storage(t) for t in given]
        call = Call("opaque", function=function, inputs=list(tokens), scope=self.scope(), because=because)
        tensors = [t for t in outputs if t is not None]
        written = []
        for tensor in tensors:
            number = self.storage(tensor)
            entry = {"shape": list(tensor.shape), "dtype": dtype_of(tensor), "storage": "new"}
            if number in storages:
                k = storages.index(number)
                entry["storage"] = f"input {k}"
                if tensor.dtype is not given[k].dtype:  # left out, it would be the input's
                    entry["dtype"] = str(entry["dtype"])
            if not tensor.is_contiguous():
                entry["strides"] = list(tensor.stride())
            written.append(entry)
        call.attributes = {"function": function, "outputs": written}
        kept = list(dict.fromkeys(self.saved(s, given, tensors) for s in saves))
        if kept:
            call.attributes["saves"] = [s if isinstance(s, str) else {"shape": list(s[0]), "dtype": Dtype(s[1])} for s in kept]
        self.emit(call, tensors)

    def saved(self, tensor, given, outputs):
        for kind, among in (("input", given), ("output", outputs)):
            for k, other in enumerate(among):
                if tensor.untyped_storage()._cdata == other.untyped_storage()._cdata and tensor.numel() <= other.numel():
                    return f"{kind} {k}"
        return tuple(tensor.shape), dtype_of(tensor)

    def custom(self, cls, args, kwargs):
        """torch.autograd.Function: its forward is not looked into, what it saves is seen."""
        if self.quiet or cls is INPUT_SAVER:
            return ORIGINAL_APPLY.__get__(None, cls)(*args, **kwargs)
        self.poll()
        given, saves = tensors_in([args, kwargs]), []
        self.known_inputs(given)
        with self.silence(), saving(saves):
            result = ORIGINAL_APPLY.__get__(None, cls)(*args, **kwargs)
        self.opaque(cls.__name__, given, flat(result), saves)
        return result

    # ---- values, which there are none of
    def value(self, function, args, kwargs):
        """bool(x), x.item(): answered where the value depends on neither weights nor data, as for a full batch."""
        if self.answers is not None:
            if len(self.answered) >= len(self.answers):
                raise Refused("the network asks for the value of a tensor in one run and not in another")
            answer = self.answers[len(self.answered)]
        else:
            with self.silence():
                try:
                    answer = function(*evaluated(self, args), **evaluated(self, kwargs))
                except Unknown as reason:
                    raise Refused(f"{self.place()} decides by the value of a tensor ({reason}): "
                                  "a document cannot follow data-dependent control flow") from None
        self.answered.append(answer)
        return answer

    # ---- modules
    @contextlib.contextmanager
    def silence(self, quiet=True):
        before, self.quiet = self.quiet, quiet
        try:
            yield
        finally:
            self.quiet = before

    def call(self, module, args, kwargs):
        listed = isinstance(module, nn.utils.parametrize.ParametrizationList)
        path = self.paths.get(id(module))
        if self.folding and type(module).__name__ in UNLIKE:
            raise self.unfoldable(type(module).__name__)
        if self.quiet and not listed or path is None:
            return ORIGINAL_CALL(module, *args, **kwargs)
        self.poll()
        base = modules.row_class(module)
        try:
            if base is not None:
                return self.row(module, base, path, args, kwargs)
            return self.container(module, path, args, kwargs)
        except Exception:
            if self.failed_at is None:
                self.failed_at = path or type(module).__name__
            raise

    def row(self, module, base, path, args, kwargs):
        """A module of torch.nn: one row, whatever it does inside."""
        call = Call(base.__name__, path=path, scope=self.scope(), module=id(module), class_name=type(module).__name__,
                    training=module.training, called_with=called_with(args))
        call.attributes = {k: encoded(v) for k, v in modules.attributes(module, base).items()}
        call.inplace = bool(getattr(module, "inplace", False))
        forward = module.forward

        def silent(*args, **kwargs):
            for name, value in inspect.signature(base.forward).bind(module, *args, **kwargs).arguments.items():
                if name != "self":
                    self.argument(call, name, value)
            with self.silence():
                result = forward(*args, **kwargs)
            self.owned(call, module)
            self.emit(call, flat(result))  # now, for a hook may go on with the result
            return result

        vars(module)["forward"] = silent
        try:
            result = ORIGINAL_CALL(module, *args, **kwargs)
        finally:
            del vars(module)["forward"]
        for name, accesses in (("weight", 4), ("bias", 3)):  # torchsummary's hook asks for them so often
            self.asked_again(f"{path}.parametrizations.{name}", accesses)
        return result

    def argument(self, call, name, value):
        if name in functions.KEYWORDS and isinstance(value, torch.Tensor):
            call.keywords[name] = self.known_inputs([value])[0]
        elif isinstance(value, (torch.Tensor, list, tuple)) and tensors_in(value):
            call.inputs += self.known_inputs(tensors_in(value))
        elif name in modules.CALL and value is not None and value != modules.CALL[name]:
            call.attributes[name] = encoded(value)

    def owned(self, call, module):
        """Which parameters are frozen, which are another's, which are computed."""
        own = {n: p for n, p in module._parameters.items() if p is not None}
        call.frozen = [n for n, p in own.items() if not p.requires_grad]
        call.trains = len(call.frozen) < len(own)
        call.frozen = True if call.frozen and not call.trains else call.frozen
        prefix = call.path + "." if call.path else ""
        for name in ("weight", "bias"):
            if name in own:
                token = self.token(own[name])
                if self.parameters.get(token) != prefix + name:
                    call.keywords[name] = token
            elif f"{prefix}parametrizations.{name}" in self.computed:
                call.keywords[name] = self.computed[f"{prefix}parametrizations.{name}"]
            elif isinstance(vars(module).get(name), torch.Tensor):
                call.keywords[name] = self.known_inputs([vars(module)[name]])[0]

    def container(self, module, path, args, kwargs):
        """Any other module: its rows, then its Block."""
        call = Call("Block", path=path, scope=self.scope(), module=id(module), class_name=type(module).__name__,
                    called_with=called_with(args), begin=len(self.calls), training=module.training)
        is_root = module is self.root and not self.stack
        folded = self.depth is not None and path.count(".") + 1 > self.depth and not is_root
        self.stack.append(path)
        try:
            with self.silence(False):
                result = (self.folded if folded else ORIGINAL_CALL)(module, *args, **kwargs)
        finally:
            self.stack.pop()
        if is_root:
            return result
        if isinstance(module, nn.utils.parametrize.ParametrizationList):
            self.computed[path] = self.known_inputs([result])[0]
            self.parametrizations[path] = [c for c in self.calls[call.begin:] if c.op == "Block" and c.prints]
            return result
        self.poll()
        call.returns, elements = returned(result)
        call.inputs = self.known_inputs(elements)
        own = {n: p for n, p in module._parameters.items() if p is not None}
        call.frozen = [n for n, p in own.items() if not p.requires_grad]
        call.frozen = True if call.frozen and len(call.frozen) == len(own) else call.frozen
        call.trains = False
        call.prints = 0 if modules.unhooked(module) or module is self.root else self.hooks.get(id(module), 1)
        self.emit(call, elements)
        return result

    def folded(self, module, *args, **kwargs):
        """A container too deep to be shown: one opaque row, with its parameters among the inputs."""
        given, saves = tensors_in([args, kwargs]), []
        given += [p for p in module.parameters()]
        self.known_inputs(given)
        self.folding = self.scope()
        try:
            with self.silence(), saving(saves):
                result = ORIGINAL_CALL(module, *args, **kwargs)
        finally:
            self.folding = None
        self.opaque(type(module).__name__, given, deep(result), saves, because="it lies deeper than --depth")
        return result

    def unfoldable(self, name):
        return Refused(f"{self.folding} cannot be folded: {name} inside it runs otherwise on a GPU than it can be recorded, "
                       "so take a greater --depth")

    def asked_again(self, path, accesses):
        blocks = self.parametrizations.get(path, [])
        alone = len(blocks) == 1
        for _ in range(1 if alone else accesses if blocks else 0):
            for block in blocks:
                call = Call("Block", path=block.path, scope=block.scope, module=block.module, class_name=block.class_name,
                            called_with=block.called_with, begin=len(self.calls), returns=block.returns, inputs=block.inputs,
                            prints=block.prints * (accesses if alone else 1), again=True)
                call.outputs = block.outputs
                self.calls.append(call)

    # ---- the run
    @contextlib.contextmanager
    def listening(self):
        recorder = self

        def call(module, *args, **kwargs):
            return recorder.call(module, args, kwargs)

        def apply(cls, *args, **kwargs):
            return recorder.custom(cls, args, kwargs)

        def enter(context):
            recorder.autocast_off += not context._enabled
            return ORIGINAL_ENTER(context)

        def leave(context, *error):
            recorder.autocast_off -= not context._enabled
            return ORIGINAL_EXIT(context, *error)

        def enter_region(hook):
            recorder.regions += 1
            hook.outer, recorder.checkpoint = recorder.checkpoint, recorder.checkpoint or str(recorder.regions)
            return super(REGION, hook).__enter__()

        def leave_region(hook, *error):
            recorder.checkpoint = hook.outer
            return super(REGION, hook).__exit__(*error)

        fast = torch.backends.mha.get_fastpath_enabled()
        nn.Module.__call__, torch.autograd.Function.apply = call, classmethod(apply)
        torch.autocast.__enter__, torch.autocast.__exit__ = enter, leave
        REGION.__enter__, REGION.__exit__ = enter_region, leave_region
        torch.backends.mha.set_fastpath_enabled(False)
        try:
            with self:
                yield
        finally:
            nn.Module.__call__, torch.autograd.Function.apply = ORIGINAL_CALL, ORIGINAL_APPLY
            torch.autocast.__enter__, torch.autocast.__exit__ = ORIGINAL_ENTER, ORIGINAL_EXIT
            del REGION.__enter__, REGION.__exit__
            torch.backends.mha.set_fastpath_enabled(fast)

    def run(self, args, kwargs):
        with self.listening(), torch.set_grad_enabled(not self.lifetimes):
            result = self.root(*args, **kwargs)
        self.poll()
        self.result = result
        found = ends(result)
        tokens = self.known_inputs([t for _, t in found])
        self.outputs = [(name, token) for (name, _), token in zip(found, tokens) if token is not None]  # None: a number
        if not self.outputs:
            raise Refused(f"the forward of {type(self.root).__name__} returns no tensor")
        self.output_kind = output_kind(result)
        if self.lifetimes:
            self.kept_to_the_end = {self.storage(t) for t in deep(result)}
            self.result = None
        for call in self.calls:
            if call.op not in ("Block", "opaque", "constant") and call.path == "":
                call.prints = 0
            elif call.path is not None and call.op != "Block":
                call.prints = self.hooks.get(call.module, 1)
        return self


def executed(function, args, kwargs):
    """The function's result.  Batch norm has no kernel on the meta device, where PyTorch runs it as dozens of operations: a
    product with the weight has the same shape, layout and gradient, and takes a twentieth of the time."""
    if function is torch.nn.functional.batch_norm:
        given = dict(zip(("input", "running_mean", "running_var", "weight", "bias"), args)) | kwargs
        x, weight = given["input"], given.get("weight") if given.get("weight") is not None else given.get("running_mean")
        if x.device.type == "meta" and x.dim() > 1 and weight is not None and weight.numel() == x.size(1):
            return x * weight.to(x.dtype).reshape(-1, *[1] * (x.dim() - 2))
    result = function(*args, **kwargs)
    if function is torch.nn.functional.scaled_dot_product_attention and result.device.type == "meta":
        query = args[0] if args else kwargs["query"]
        if query.dim() == result.dim():  # a GPU lays the result out as the query
            order = sorted(range(query.dim()), key=lambda d: -query.stride(d))
            back = sorted(range(query.dim()), key=lambda k: order[k])
            result = result.permute(order).contiguous().permute(back)
    return result


@contextlib.contextmanager
def saving(saves):
    """Notes what autograd keeps of the calls inside."""
    with torch.autograd.graph.saved_tensors_hooks(lambda t: (saves.append(t), t)[1], lambda t: t):
        yield


def rdiv(recorder, x, other):
    """other / x is x.reciprocal() * other: two tensors are made."""
    result = recorder.function(torch.Tensor.reciprocal, (x,), {})
    return recorder.function(torch.Tensor.mul, (result, other), {})


def rpow(recorder, x, other):
    return recorder.function(torch.pow, (other, x), {})


def rmatmul(recorder, x, other):
    return recorder.function(torch.matmul, (other, x), {})


REVERSED = {"__rdiv__": rdiv, "__rtruediv__": rdiv, "__rpow__": rpow, "__rmatmul__": rmatmul}
VALUES = {"__bool__", "__int__", "__float__", "__index__", "item", "tolist", "__contains__", "equal", "is_nonzero", "numpy"}
# They make no tensor, whatever they return.
NO_ROW = set("""requires_grad shape size dim ndim device dtype grad grad_fn is_leaf stride numel storage_offset layout names
__len__ __hash__ __repr__ __format__ __deepcopy__ element_size untyped_storage data_ptr get_device _version _is_view _backward_hooks
is_floating_point is_contiguous is_cuda is_meta is_sparse is_complex is_same_size retain_grad register_hook""".split())
# What they return has a size that depends on values.
DATA_DEPENDENT = {"getitem": "x[mask]", "where": "where(condition)", "one_hot": "one_hot without num_classes",
                  "repeat_interleave": "repeat_interleave without output_size",
                  **{op: op for op in ("nonzero", "argwhere", "masked_select", "unique", "unique_consecutive", "bincount", "nms")}}
# These take of their input no more than its device and element type.
CREATION = {"new_empty", "new_zeros", "new_ones", "new_full", "new_tensor"}
# These take its element type, which a row without `dtype` has; of another one, which may follow the model, the shape alone.
LIKE = {"empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "randint_like"}
# On the meta device these do what no GPU does: what they keep cannot be read from a recording.
UNLIKE = {"scaled_dot_product_attention", "MultiheadAttention", "LSTM", "GRU", "RNN"}
