"""How long each tensor lives: the rule of the format, and where Python does otherwise.

The rule: a tensor lives until the last row that reads it; one made before a container's call and read inside it, until that
call ends; a `Block` reads nothing.  A document says where calls begin and end by its scopes and Blocks alone, so the rule is
followed on its rows.  What differs is written as `held`.
"""
from .facts import Token


class Storage:
    """A piece of memory that a forward pass makes, by the numbers of the calls in the recording."""

    def __init__(self, made, facts):
        self.made, self.bytes, self.dtype = made, facts.bytes, facts.dtype
        self.readers, self.released, self.returned = [], None, False


def storages(recording):
    """The storages that a forward pass makes, in order, from a recording with lifetimes."""
    of_token, found = {}, {}
    for number, call in enumerate(recording.calls):
        if call.op != "Block":
            for token in read(call):
                storage = found.get(of_token.get(token))
                if storage is not None and number not in storage.readers[-1:]:
                    storage.readers.append(number)
        for facts in call.outputs:
            if facts is not None:
                of_token[facts.token] = facts.storage
                if recording.made.get(facts.storage) == number and facts.storage not in recording.given:
                    found.setdefault(facts.storage, Storage(number, facts))
    for number, storage in found.items():
        storage.returned = number in recording.kept_to_the_end
        storage.released = recording.released.get(number, len(recording.calls) - 1)
    return list(found.values())


def read(call):
    yield from (t for t in call.inputs if t is not None)
    yield from call.keywords.values()
    for item in call.attributes.get("index", ()):
        if isinstance(item, dict) and isinstance(item.get("tensor"), Token):
            yield item["tensor"]


class Containers:
    """When containers are called, as a document says it: one with Blocks ends at each of them, one without (a Sequential) is
    each unbroken run of rows inside it."""

    def __init__(self, rows):
        self.scopes = [row.scope for row in rows]
        self.calls = {}  # path: [[first row, last row, closed by its Block]]
        with_blocks = {row.path for row in rows if row.call.op == "Block"}
        for number, row in enumerate(rows):
            for path in around(row.scope):
                self.extend(path, number, path in with_blocks)
            if row.call.op == "Block":
                self.extend(row.path, number, True)
                self.calls[row.path][-1][2] = True

    def extend(self, path, number, has_blocks):
        calls = self.calls.setdefault(path, [])
        if not calls or (calls[-1][2] if has_blocks else calls[-1][1] + 1 != number):
            calls.append([number, number, False])
        calls[-1][1] = number

    def held_until(self, made, reader):
        """The last row of the outermost call that begins after `made` and contains `reader`; the reader if none does."""
        until = reader
        for path in around(self.scopes[reader]):
            begin, end, _ = next(c for c in reversed(self.calls[path]) if c[0] <= reader)
            if begin > made:
                until = max(until, end)
        return until


def around(scope):
    """The paths of the containers around a scope, innermost first."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]


def held(rows, recording, number_of):
    """{number of a row: the number of the row after which its outputs are let go}, where the rule says otherwise.
    `number_of` gives the number of the row of a call."""
    containers, found = Containers(rows), {}
    for storage in storages(recording):
        if storage.returned:
            continue
        made = number_of[storage.made]
        rule = max([made] + [containers.held_until(made, number_of[r]) for r in storage.readers])
        actual = last_row(rows, number_of, storage.released)
        if actual != running(rows, rule) and actual >= made:
            found[made] = max(found.get(made, 0), actual)
    return found


def last_row(rows, number_of, call):
    """The row that ran last when this call had returned."""
    while call not in number_of:
        call -= 1
    return running(rows, number_of[call])


def running(rows, number):
    """The last row up to this one that runs and is no Block: a Block neither makes nor reads."""
    while number > 0 and (rows[number].call.op == "Block" or rows[number].foreign):
        number -= 1
    return number
