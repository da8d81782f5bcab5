"""From recordings to a document: sizes that follow the batch, element types that follow the model, modes, names."""
import contextlib
import difflib
import inspect
import math
import warnings

import torch

from . import lifetimes, modules, sources
from .facts import Dtype, Misused, Refused, Token, raised
from .recorder import Recorder

BATCHES = (2, 3, 5)  # two give the line, the third checks it
FOLLOWS = object()   # an element type that is the model's
LARGEST_INPUT = 1 << 48  # elements of an item: PyTorch counts a tensor's bytes in 63 bits, and recordings have batches


class Input:
    """An input as the command line gives it: [NAME=][DTYPE:]SHAPE, without the batch."""

    def __init__(self, text):
        self.keyword, _, rest = text.rpartition("=")
        dtype, _, shape = rest.rpartition(":")
        self.dtype = dtype or "float32"
        if not isinstance(getattr(torch, self.dtype, None), torch.dtype):
            raise Misused(f"the input {text} has the element type {self.dtype}, which PyTorch does not have")
        try:
            self.shape = [int(n) for n in shape.split(",") if n.strip()]
        except ValueError:
            raise Misused(f"the input {text} has no shape: write [NAME=][DTYPE:]SIZE,SIZE,… without the batch") from None
        if min(self.shape, default=0) < 0:
            raise Misused(f"the input {text} has the size {min(self.shape)}, but no size is negative")
        if math.prod(self.shape) > LARGEST_INPUT:
            raise Misused(f"the input {text} has {math.prod(self.shape):,} elements in an item, but a tensor has {LARGEST_INPUT:,} at most")
        self.name = self.keyword

    def made(self, batch, dtype):
        own = getattr(torch, self.dtype)
        return torch.empty([batch, *self.shape], dtype=dtype if own is torch.float32 else own, device="meta")


def named_inputs(model, inputs):
    """Positional inputs take the names of forward's parameters."""
    free = [n for n, p in inspect.signature(model.forward).parameters.items()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    taken = {name for name, _ in model.named_modules()} | {path for path, _, _ in modules.tensors(model)}
    for k, one in enumerate(i for i in inputs if not i.keyword):
        one.name = free[k] if k < len(free) else "input" if k == 0 else f"input{k}"
    for one in inputs:
        while one.name in taken:
            one.name += "_"
        taken.add(one.name)
    return inputs


class Network:
    """A network and its inputs, ready to be recorded in several ways."""

    def __init__(self, model, inputs, depth=None, labels=False):
        self.model = sources.to_meta(model)
        self.inputs = named_inputs(model, [Input(i) if isinstance(i, str) else i for i in inputs])
        self.depth = depth    # containers deeper than this are one opaque row each
        self.labels = labels  # the network's own loss is wanted: it gets its token ids as labels, if no input is called so

    def arguments(self, batch, dtype=torch.float32):
        """(tensors by name, args, kwargs) of a call."""
        tensors = [(i, i.made(batch, dtype)) for i in self.inputs]
        kwargs = {i.keyword: t for i, t in tensors if i.keyword}
        if self.labels and "labels" not in kwargs:
            kwargs["labels"] = next((t for i, t in tensors if i.dtype == "int64"), None)
        return [(i.name, t) for i, t in tensors], [t for i, t in tensors if not i.keyword], kwargs

    def forward(self, batch):
        """The network's own forward, not recorded."""
        _, args, kwargs = self.arguments(batch)
        with sources.unchanged(self.model):
            return self.model(*args, **kwargs)

    def keep_caches(self):
        """A tensor that a forward leaves in a module, and that the next finds there, becomes a buffer: it is made once and lives as
        long as the network.  Not where a forward that finds it there does something else with its inputs."""
        def left_by_a_forward(batch):
            before = held()
            recording = self.run(batch)
            return recording, {at: tensor for at, tensor in held().items() if tensor is not before.get(at)}

        def held():
            return {(m, n): v for m in self.model.modules() for n, v in [*vars(m).items(), *m._buffers.items()]
                    if isinstance(v, torch.Tensor) and not hasattr(type(m), n)}

        try:
            with sources.unchanged(self.model):
                first, left = left_by_a_forward(BATCHES[0])
                remade = left_by_a_forward(BATCHES[1])[1] if left else {}
        except Refused:  # a state that goes with one batch; or no forward runs, which its recording says
            return
        def register():
            for (module, name), tensor in caches.items():
                vars(module).pop(name, None)
                module.register_buffer(name, tensor, persistent=False)

        caches = {at: tensor for at, tensor in left.items() if at not in remade and tensor.is_meta and not tensor.requires_grad}
        if not caches:
            return
        try:
            with sources.unchanged(self.model):
                register()
                same = from_inputs(first) == from_inputs(self.record(BATCHES[0]))
        except Refused:
            return
        if same:
            register()

    def record(self, batch=2, dtype=torch.float32, training=None, **how):
        """A recording of a first forward.  Raises Refused with the reason, the module named."""
        with sources.unchanged(self.model):
            return self.run(batch, dtype, training, **how)

    def run(self, batch, dtype=torch.float32, training=None, **how):
        """The same, which leaves in the modules what the forward does."""
        mode = sources.in_mode(self.model, training) if training is not None else contextlib.nullcontext()
        with sources.in_dtype(self.model, dtype), mode, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            named, args, kwargs = self.arguments(batch, dtype)
            recorder = Recorder(self.model, named, depth=self.depth, **how)
            try:
                return recorder.run(args, kwargs)
            except Refused:
                raise
            except Exception as error:
                where = recorder.failed_at or type(self.model).__name__
                refused = Refused(f"the forward of {where} raises {raised(error)}")
                refused.calls = recorder.calls
                raise refused from error


def from_inputs(recording):
    """The calls that read an input of the network, or what was made of one."""
    reached, keys = set(recording.names), []
    for call in recording.calls:
        if reached.intersection(tokens_in([call.inputs, call.keywords, call.attributes])):
            keys.append(call.key())
            reached.update(facts.token for facts in call.outputs if facts is not None)
    return keys


def tokens_in(value):
    if isinstance(value, Token):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from tokens_in(one)


# ---- several recordings of the same rows
NUMBERS = {"other", "value", "exponent", "fill_value", "alpha", "beta", "min", "max", "scale", "eps"}  # operands, not sizes


def merged(values, batches, where, name=""):
    """One value for all batches: sizes that grow with it become {"batch": k, "plus": c}."""
    first = values[0]
    if isinstance(first, (Token, float)) or name in NUMBERS:
        return first
    if all(type(v) is type(first) and v == first for v in values) and not isinstance(first, (list, dict)):
        return first
    if all(isinstance(v, int) and not isinstance(v, bool) for v in values):
        k, rest = divmod(values[1] - values[0], batches[1] - batches[0])
        c = values[0] - k * batches[0]
        if rest or any(k * b + c != v for b, v in zip(batches, values)):
            raise Refused(f"{where} has a size that is {', '.join(map(str, values))} at the batches "
                          f"{', '.join(map(str, batches))}: no multiple of the batch plus a number")
        return {"batch": k, "plus": c} if c else {"batch": k}
    if all(isinstance(v, list) and len(v) == len(first) for v in values):
        return [merged(column, batches, where) for column in zip(*values)]
    if all(isinstance(v, dict) and v.keys() == first.keys() for v in values):
        return {key: merged([v[key] for v in values], batches, where, key) for key in first}
    raise Refused(f"{where} differs from batch to batch: {values[0]} and {values[1]}")


def following(value, other):
    """The element types that followed the model's to bfloat16 become FOLLOWS."""
    if isinstance(value, Dtype):
        return FOLLOWS if value == "float32" and (other is None or other != value and isinstance(other, Dtype)) else value
    if isinstance(value, list):
        others = other if isinstance(other, list) and len(other) == len(value) else [None] * len(value)
        return [following(v, o) for v, o in zip(value, others)]
    if isinstance(value, dict):
        others = other if isinstance(other, dict) else {}
        found = {k: following(v, others.get(k)) for k, v in value.items()}
        return {k: v for k, v in found.items() if v is not FOLLOWS}
    return value


def agree(recordings):
    """Recordings at several batches must be of the same rows, joined in the same way."""
    first = recordings[0]
    for batch, other in zip(BATCHES[1:], recordings[1:]):
        for a, b in zip(first.calls, other.calls):
            if (a.key(), a.inputs, a.keywords) != (b.key(), b.inputs, b.keywords):
                raise Refused(f"at batch {batch} the network runs other rows than at batch {BATCHES[0]}, first in "
                              f"{a.path or a.scope or a.op}: a document is the same for every batch")
        if len(first.calls) != len(other.calls):
            raise Refused(f"at batch {batch} the network runs {len(other.calls)} rows, at batch {BATCHES[0]} {len(first.calls)}")


class Row:
    """A row on its way into the document."""

    def __init__(self, call, index):
        self.call, self.index, self.name = call, index, None
        self.inputs, self.keywords, self.attributes = [], {}, {}
        self.shares, self.only, self.pinned, self.held = None, None, None, None
        self.wanted = False  # somebody refers to it by name
        self.foreign = False  # it was recorded in the other mode alone


class Source:
    """What a token means at one place: an output of a row, an input or a parameter."""
    __slots__ = ("row", "output", "name")

    def __init__(self, row=None, output=0, name=None):
        self.row, self.output, self.name = row, output, name

    def same(self, other):
        return self.row is other.row and self.output == other.output and self.name == other.name


def kept_blocks(calls):
    """A Sequential has a Block only if it is called more than once."""
    often = {}
    for call in calls:
        if call.op == "Block":
            often[call.module] = often.get(call.module, 0) + 1
    return [call for call in calls if call.op != "Block" or call.prints or often[call.module] > 1]


CASTS = ("to", "type_as", "float", "half", "bfloat16", "double")


def half_token(call, k):
    """Of output k, what it is in bfloat16; None where that is not known."""
    outputs = call.in_half.outputs if call.in_half else []
    return outputs[k].token if k < len(outputs) and outputs[k] is not None else None


def wired(recording):
    """The rows of one recording, each input with its source."""
    meaning = {token: Source(name=name) for token, name in recording.names.items()}
    meaning |= {token: Source(name=path) for token, path in recording.parameters.items()}
    rows = []

    versions = {}  # of a tensor that a cast handed on as it was: its sources, each with what it is in bfloat16, where they are several

    def version(token, theirs):
        known = versions.get(token, []) if theirs is not None else []
        return next((source for source, other in reversed(known) if other == theirs), meaning[token])

    for call in kept_blocks(recording.calls):
        row = Row(call, len(rows))
        theirs = call.in_half.inputs if call.in_half else []
        row.inputs = [None if t is None else version(t, theirs[k] if k < len(theirs) else None) for k, t in enumerate(call.inputs)]
        row.keywords = {name: meaning[t] for name, t in call.keywords.items()}
        row.attributes = resolved(call.attributes, meaning)
        for k, facts in enumerate(call.outputs):
            if facts is not None and facts.token not in [f.token for f in call.outputs[:k] if f is not None]:
                now = (Source(row, k), half_token(call, k))
                if call.op in CASTS and facts.token in meaning:
                    versions.setdefault(facts.token, [(meaning[facts.token], next(iter(theirs), None))]).append(now)
                elif facts.token in versions:  # a Block returns it, or it was written in place
                    versions[facts.token] = [now if other == now[1] else (source, other) for source, other in versions[facts.token]]
                meaning[facts.token] = now[0]
        rows.append(row)
    theirs = recording.ends_in_half
    recording.ends = []
    for k, (name, token) in enumerate(recording.outputs):
        first = versions[token][0][0] if token in versions else meaning[token]
        known = reversed(versions.get(token, [])) if k < len(theirs) else []
        recording.ends.append((name, next((source for source, other in known if other == theirs[k]), first)))
    return rows


def resolved(value, meaning):
    if isinstance(value, dict):
        return {k: meaning[v] if k == "tensor" and isinstance(v, Token) else resolved(v, meaning) for k, v in value.items()}
    return [resolved(v, meaning) for v in value] if isinstance(value, list) else value


def exported(network, name, source="", loss=None, say=lambda sentence: None):
    """The document of a network."""
    return exported_rows(network, name, source, loss, say)[0]


def exported_rows(network, name, source="", loss=None, say=lambda sentence: None):
    """The document of a network, and its rows."""
    network.keep_caches()
    main = settled(network, say=say)
    rows = wired(main)
    rows = modes(network, main, rows, say)
    placed(rows, main)
    hold(network, main, rows, say)
    document = {"format": "footprint/model", "version": 1, "name": name}
    if source:
        document["source"] = source
    document["inputs"] = [described(i) for i in network.inputs]
    if not rows:
        raise Refused(f"{type(network.model).__name__} runs nothing that is a row: its forward returns what it is given")
    named(rows, main, network)
    document["layers"] = [written(row, rows, network, main) for row in rows]
    # A network that is one row owns its parameters as that row: there is no path to list them under.
    parameters = [] if modules.row_class(network.model) else listed(network.model)
    if parameters:
        document["parameters"] = parameters
    document.update(end(main, rows, network))
    if loss:
        document["loss"] = loss
    for sentence in unsaid(rows):
        say(sentence)
    return document, rows


def unsaid(rows):
    """A sentence for each function that is written as opaque, with the number of its rows, and for each tensor made out of sight."""
    functions = {}
    for row in rows:
        if row.call.op == "opaque":
            functions.setdefault((row.call.function, row.call.because), []).append(row)
        elif row.call.warns:
            yield f"{row.call.scope or 'the network'}: a tensor made out of sight is written as constant, because no row says it"
    for (function, because), its in functions.items():
        where = its[0].call.scope or "the network"
        place = f"{len(its)} rows, the first in {where}" if len(its) > 1 else f"1 row, in {where}"
        yield f"{function} is written as opaque ({place}), because {because}"


def settled(network, first=None, training=None, say=lambda sentence: None):
    """A recording that holds for every batch and element type; `first` is one of the first batch, if there is one."""
    first = first or network.record(BATCHES[0], training=training)
    recordings = [first, *(network.record(batch, training=training) for batch in BATCHES[1:])]
    agree(recordings)
    half = in_half(network, first, training, say)
    for k, call in enumerate(first.calls):
        call.in_half = half.get(k)
        where = f"{call.path or call.scope or 'the network'}, {call.function or call.op},"
        call.attributes = merged([r.calls[k].attributes for r in recordings], BATCHES, where)
        call.attributes = following(call.attributes, half[k].attributes if k in half else None)
    return first


def in_half(network, main, training, say):
    """{number of a row: the same row of the network in bfloat16}, as far as that runs."""
    complete = True
    try:
        half = network.record(BATCHES[0], dtype=torch.bfloat16, training=training)
        calls, main.ends_in_half = half.calls, [token for _, token in half.outputs]
    except Refused as reason:
        calls = reason.calls
        say(f"not recorded in bfloat16 to the end, so from there on float32 is taken to follow the model: {reason}")
        complete = False
    pairs = aligned([c.key() for c in main.calls], [c.key() for c in calls])
    if complete and len(pairs) < max(len(main.calls), len(calls)):
        say("in bfloat16 other rows run: the document has those of float32")
    return {mine: calls[theirs] for mine, theirs in pairs}


def hold(network, main, rows, say):
    """Writes `held` where Python lets go at another time than the rule says."""
    try:
        other = network.record(BATCHES[0], lifetimes=True, answers=main.answered)
    except Refused as reason:
        say(f"lifetimes are not recorded: {reason}")
        return
    number_of = numbers(rows, other)
    if number_of is None:
        say("lifetimes are not recorded: under no_grad other rows run")
        return
    for made, until in lifetimes.held(rows, other, number_of).items():
        rows[made].held = rows[until]


def numbers(rows, recording):
    """{number of a call in a recording: number of its row}; None if other rows ran."""
    calls = kept_blocks(recording.calls)
    mine = [(number, row) for number, row in enumerate(rows) if not row.foreign]
    if [call.key() for call in calls] != [row.call.key() for _, row in mine]:
        return None
    of = {id(call): number for call, (number, _) in zip(calls, mine)}
    return {k: of[id(call)] for k, call in enumerate(recording.calls) if id(call) in of}


def described(one):
    entry = {"name": one.name, "shape": one.shape}
    if one.dtype != "float32":
        entry["dtype"] = one.dtype
    return entry


def modes(network, main, rows, say):
    """What runs in training or evaluation alone, and what does not follow the mode."""
    training = network.model.training
    here, there = ("training", "evaluation") if training else ("evaluation", "training")
    try:
        other = network.record(BATCHES[0], training=not training)
        theirs = wired(other)
        pairs = aligned([r.call.key() for r in rows], [r.call.key() for r in theirs])
        if len(pairs) < len(theirs):  # rows of the other mode alone: their sizes matter
            theirs = wired(settled(network, other, training=not training))
    except Refused as reason:
        say(f"not recorded in {there} mode: {reason}")
        return rows
    partner = {mine: theirs[k] for mine, k in pairs}
    if len(pairs) < max(len(rows), len(theirs)):
        together = joined(rows, theirs, pairs, training)
        if together is None:
            say(f"in {there} mode other rows run: the document holds for {here} alone")
            return wired(main)
        main.ends += [(name, source) for name, source in other.ends if source.row is not None and source.row.foreign]
        rows = together
    for row in rows:
        twin = partner.get(row.index) if row.only is None else None
        if twin is None:
            continue
        if row.call.op in MODAL and row.call.training is not None and row.call.training == twin.call.training:
            row.pinned = row.call.training
        if not training and "dropout_p" in twin.attributes:
            row.attributes["dropout_p"] = twin.attributes["dropout_p"]
    return rows


MODAL = set("""Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout RReLU BatchNorm1d BatchNorm2d BatchNorm3d
InstanceNorm1d InstanceNorm2d InstanceNorm3d LSTM GRU RNN MultiheadAttention dropout dropout1d dropout2d dropout3d alpha_dropout
feature_alpha_dropout rrelu batch_norm""".split())  # random or statistical: what they do depends on the mode


def aligned(a, b):
    if a == b:
        return [(k, k) for k in range(len(a))]
    ids = {}
    a, b = [ids.setdefault(k, len(ids)) for k in a], [ids.setdefault(k, len(ids)) for k in b]
    blocks = difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    return [(block.a + k, block.b + k) for block in blocks for k in range(block.size)]


def joined(rows, theirs, pairs, training):
    """Both modes' rows in one list, or None where one list cannot say both."""
    mine, of_theirs = dict(pairs), {o: r for r, o in pairs}
    for row in rows:
        if row.index not in mine:
            row.only = "train" if training else "eval"
    twin = {id(theirs[o]): rows[r] for r, o in pairs}
    alone = []
    for row in theirs:
        if row.index not in of_theirs:
            row.only, row.foreign = "eval" if training else "train", True
            alone.append(row)
    for row in theirs:  # what their rows read, said with our rows
        for source in sources_of(row):
            if source.row is not None and id(source.row) in twin:
                source.row = twin[id(source.row)]
    for r, o in pairs:
        if not reads_alike(rows[r], theirs[o], training):
            return None
    if not alone:
        return rows
    together, k = [], 0
    for row in rows:
        if row.index in mine:
            while k < mine[row.index]:
                if theirs[k].index not in of_theirs:
                    together.append(theirs[k])
                k += 1
            k += 1
        together.append(row)
    together += [t for t in theirs[k:] if t.index not in of_theirs]
    return together


def reads_alike(a, b, training):
    """Does our row read, in their mode, what theirs reads?  A row of our mode alone then means its first input."""
    return (len(a.inputs) == len(b.inputs) or a.call.op == "Block") and all(
        (s is None) == (t is None) and (s is None or through(s, "train" if training else "eval").same(
            through(t, "eval" if training else "train"))) for s, t in zip(a.inputs, b.inputs))


def through(source, mode):
    while source.row is not None and source.row.only == mode:
        first = next((s for s in source.row.inputs if s is not None), None)
        if first is None:
            return source
        source = first
    return source


def placed(rows, main):
    """The scope of each row, and whether it must be written."""
    firsts = {}
    for row in rows:
        call = row.call
        row.path, row.scope = call.path, call.scope
        row.scope_written = bool(call.scope)
        if call.path is not None:
            first = firsts.setdefault(call.module, row)
            default = default_scope(call, main) if first is row else first.scope
            row.scope_written = call.scope != default
            if not row.scope_written:
                row.scope = call.path.rpartition(".")[0] if first is row else first.scope


# ---- names
def named(rows, main, network):
    """Gives a name to every module's first call and to each row that is referred to otherwise than as the row above."""
    taken = {p for p, _, _ in modules.tensors(network.model)} | {i.name for i in network.inputs} | set(main.paths.values())
    calls, above = {}, None
    for row in rows:
        call = row.call
        if call.module is not None:
            first = calls.setdefault(call.module, [row, 0])
            first[1] += 1
            if first[0] is row:
                row.name = call.path or None
            else:
                row.shares, row.count = first[0], first[1]
        for k, source in enumerate(sources_of(row)):
            if source.row is not None and (source.row is not above or source.output or k or len(row.inputs) != 1
                                           or not row.inputs or source is not row.inputs[0]):
                source.row.wanted = True
        above = row
    for _, source in main.ends if not returns_last(main, rows) else ():
        if source.row is not None:
            source.row.wanted = True
    for row in rows:
        if row.held is not None:
            row.held.wanted = True
    counts = {}
    for row in rows:
        if row.wanted and row.name is None:
            if row.shares is not None:
                base, number = row.call.path, row.count
            else:
                base = f"{row.call.scope}.{row.call.op}" if row.call.scope else row.call.op
                if row.call.op == "opaque":
                    base = base[:-len("opaque")] + row.call.function.rpartition(".")[2].strip("_")
                number = counts[base] = counts.get(base, 0) + 1
            name = base if number == 1 and row.shares is None else f"{base}_{number}"
            while name in taken:
                number += 1
                name = f"{base}_{number}"
            counts[base] = number
            taken.add(name)
            row.name = name


def sources_of(row):
    found = [s for s in row.inputs if s is not None] + list(row.keywords.values())

    def visit(value):
        if isinstance(value, Source):
            found.append(value)
        elif isinstance(value, (list, dict)):
            for v in value.values() if isinstance(value, dict) else value:
                visit(v)

    visit(row.attributes)
    return found


def said(source):
    """How a document refers to a tensor."""
    if source is None:
        return None
    if source.row is None:
        return source.name
    return f"{source.row.name}:{source.output}" if source.output else source.row.name


def plain(value):
    if isinstance(value, Source):
        return said(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return str(value) if isinstance(value, Dtype) else value


def written(row, rows, network, main):
    """The row as the document has it, defaults left out."""
    call, entry = row.call, {"op": row.call.op}
    above = previous(row, rows)
    first = row.shares.call if row.shares is not None else None
    if call.path is not None and call.class_name != call.op and first is None:
        entry["class"] = call.class_name
    if row.name is not None:
        entry["name"] = row.name
    if first is not None:
        entry["shares"] = row.shares.name
    default = [Source(above)] if above is not None else [Source(name=network.inputs[0].name)] if network.inputs else []
    default = [] if call.op == "constant" else default
    same = len(row.inputs) == len(default) and all(s is not None and s.same(d) for s, d in zip(row.inputs, default))
    if not same:
        entry["inputs"] = [said(s) for s in row.inputs]
    if first is None:
        entry.update(plain(row.attributes))
        entry.update({k: said(s) for k, s in row.keywords.items()})
    else:
        entry.update({k: plain(v) for k, v in row.attributes.items() if first.attributes.get(k) != v})
    if call.inplace and (first is None):
        entry["inplace"] = True
    if row.scope_written:
        entry["scope"] = row.scope
    if row.pinned is not None:
        entry["training"] = row.pinned
    if row.only:
        entry["only"] = row.only
    if call.cut and call.op != "Block":
        entry["grad"] = False
    if not call.autocast and call.op != "Block":
        entry["autocast"] = False
    if call.checkpoint is not None:
        entry["checkpoint"] = call.checkpoint
    if call.frozen and first is None:
        entry["frozen"] = call.frozen
    if call.returns != "tensor":
        entry["returns"] = call.returns
    if call.called_with != "tensor" and call.path is not None:
        entry["called_with"] = call.called_with
    if call.prints != (first.prints if first is not None else 1) and call.path is not None:
        entry["prints"] = call.prints
    if row.held is not None:
        entry["held"] = row.held.name
    return entry


def previous(row, rows):
    if not hasattr(row, "above"):
        before = None
        for other in rows:
            other.above = before
            before = other
    return row.above


def default_scope(call, main):
    """The scope that a module's path implies, or the path's own if it is called in its own place."""
    path = call.path or ""
    implied = path.rpartition(".")[0]
    if call.scope == implied or call.scope and not implied.startswith(call.scope + "."):
        return implied
    called = main.called if hasattr(main, "called") else called_paths(main)
    between = implied
    while between != call.scope and between:
        if between in called:
            return implied
        between = between.rpartition(".")[0]
    return call.scope  # only lists lie between, which are never called


def called_paths(main):
    main.called = {c.path for c in main.calls if c.op == "Block"}
    return main.called


def listed(model):
    """Every parameter and buffer, each path of a shared one its own entry."""
    first, entries = {}, []
    for path, tensor, buffer in modules.tensors(model):
        entry = {"path": path, "shape": list(tensor.shape)}
        if tensor.dtype is not torch.float32:
            entry["dtype"] = str(tensor.dtype).rpartition(".")[2]
        if buffer:
            entry["buffer"] = True
        elif not tensor.requires_grad:
            entry["frozen"] = True
        if id(tensor) in first:
            entry["tied_to"] = first[id(tensor)]
        first.setdefault(id(tensor), path)
        entries.append(entry)
    return entries


def returns_last(main, rows):
    """The default: the network returns its last row."""
    return len(main.ends) == 1 and main.ends[0][0] is None and bool(rows) and main.ends[0][1].same(Source(rows[-1]))


def end(main, rows, network):
    """`outputs` and `returns`."""
    found = {}
    if not returns_last(main, rows):
        found["outputs"] = [said(s) if name is None else {"row": said(s), "name": str(name)} for name, s in main.ends]
    if network.labels:
        losses = [o for o in found.get("outputs", []) if isinstance(o, dict) and o["name"] == "loss"]
        if not losses:
            raise Refused("the network returns no output called loss: give --loss another name")
        losses[0]["loss"] = True
    if main.output_kind != "tensor":
        found["returns"] = main.output_kind
    return found
