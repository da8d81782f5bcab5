"""The command line: python presets/from_torch.py SOURCE --input SHAPE > MODEL.json"""
import argparse
import ast
import contextlib
import math
import os
import pathlib
import sys
import traceback
import urllib.parse

from .document import LOSSES

OLDEST = (2, 2)
DESCRIPTION = "Writes the model document of a PyTorch network. Weights are random, nothing is computed or downloaded."
EXAMPLES = """examples:
  from_torch.py torchvision:resnet50 --input 3,224,224 > resnet50.json
  from_torch.py transformers:BertForMaskedLM --input int64:128 --config num_hidden_layers=4 --loss model
  from_torch.py net.py:Net --config width=64 --input 3,32,32 --input mask=bool:32,32
  from_torch.py torchvision:resnet18 --input 3,224,224 --record-step --batch 8 --optimizer sgdm > step.json
exit status: 0 written; 1 the network cannot be exported or a check fails; 2 wrong usage: an option, a source that there is none of, an
input's shape.  At 1 and 2 a sentence says why and nothing is written."""


def options():
    parser = argparse.ArgumentParser(prog="from_torch.py", description=DESCRIPTION, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("model", metavar="SOURCE", help="torchvision:NAME, timm:NAME, transformers:CLASS or FILE.py:FACTORY")
    add("--input", action="append", nargs="+", default=[], metavar="[NAME=][DTYPE:]SHAPE",
        help="an input without its batch, as 3,224,224 (empty: the batch alone); with a name it is passed by keyword")
    add("--config", action="append", nargs="+", default=[], type=literal, metavar="KEY=LITERAL",
        help="arguments of factory or configuration")
    add("--loss", metavar="NAME", choices=LOSSES, help=f"the document's loss (default none) and a recorded step's (default ce): "
        f"{', '.join(LOSSES)}; model: labels are passed, and the output called loss is it")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--train", dest="training", action="store_true", default=None, help="record in training mode")
    mode.add_argument("--eval", dest="training", action="store_false", help="record in evaluation mode (default: as the factory "
                      "leaves it)")
    add("--depth", type=natural, metavar="N", help="containers deeper than N become one opaque row each")
    add("--name", help="the document's name (default: the source's)")
    add("--source", help="where the network comes from, as the document says it (default: SOURCE)")
    add("--link", nargs="?", const="", type=address, metavar="PAGE", help="print a share link, of the page at this address, not the document")
    add("--check", action="store_true", help="compare `footprint summary` with torchsummary")
    add("--check-step", action="store_true", help="record three training steps too, and compare them with `footprint step`: which rows "
        "ask for other memory than PyTorch does, and by how much")
    step = parser.add_argument_group("a whole step")
    step.add_argument("--record-step", action="store_true", help="write three training steps as an allocation program, which "
                      "`footprint step --program` replays, in training mode unless --eval")
    step.add_argument("--batch", type=positive, metavar="N", help="record at N, N + 1 and N + 3, which make one program for every "
                      "batch; where they do not, it is of N alone (default 2)")
    step.add_argument("--optimizer", metavar="NAME", help="none, sgd (the default), sgdm, nesterov, adam, adamw, …")
    step.add_argument("--weight-decay", type=decay, metavar="W", help="the optimizer's (default 0)")
    return parser


def at_least(least, number):
    if not least <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{number} is not at least {least}" if number < least else f"{number} is no finite number")
    return number


def positive(text):
    return at_least(1, int(text))


def natural(text):
    return at_least(0, int(text))


def decay(text):
    return at_least(0, float(text))


def address(text):
    if text and (urllib.parse.urlsplit(text).scheme not in ("http", "https", "file") or "#" in text):
        raise argparse.ArgumentTypeError(f"{text} is no page's address: write https://…, http://… or file://… without a #")
    return text


def literal(text):
    """(key, value) of KEY=LITERAL, where a bare word is text."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text} is not KEY=LITERAL")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value


def parsed(arguments):
    parser = options()
    given = parser.parse_args(arguments)
    of_step = {"--batch": given.batch, "--optimizer": given.optimizer, "--weight-decay": given.weight_decay}
    of_document = {"--link": given.link, "--check": given.check or None, "--depth": given.depth, "--check-step": given.check_step or None}
    for option, value in (of_document if given.record_step else {} if given.check_step else of_step).items():
        if value is not None:
            parser.error(f"{option} does not go with --record-step" if given.record_step else f"{option} is for --record-step and --check-step")
    return given


def say(sentence):
    print(f"from_torch: {sentence}", file=sys.stderr)


def step_of(network, name, source, given, say):
    """The text of the network's step as a program."""
    from . import step
    batch = given.batch or 2
    made = step.program(network, name, source, batch, given.optimizer or "sgd", given.loss or "ce", given.weight_decay or 0.0, say)
    for sentence in made["missing"]:
        say(f"not in the program: {sentence}")
    say(f"at batch {batch} the step asks for {step.requested_peak(made, batch):,} bytes at most")
    return step.lay_out(made)


@contextlib.contextmanager
def prints_on_standard_error():
    """What a network's own code prints, or a program that it starts: the document alone goes to standard output."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def written(given):
    """The text that goes to standard output.  Raises Refused."""
    from . import check, rows, sources
    from .document import lay_out, link
    from .step import known_optimizer

    if given.optimizer is not None:
        known_optimizer(given.optimizer)
    if given.check or given.check_step:
        check.needed(summary=given.check)
    name, source = given.name or given.model.rpartition(":")[2], given.source or given.model
    inputs = [rows.Input(text) for group in given.input for text in group]
    model = sources.build(given.model, dict(pair for group in given.config for pair in group))
    if given.training is not None or given.record_step or given.check_step:
        model.train(given.training is not False)
    network = rows.Network(model, inputs, depth=given.depth, labels=given.loss == "model")
    warned = []
    if given.record_step:
        text = step_of(network, name, source, given, warned.append)
    else:
        document = rows.exported(network, name, source, given.loss, say=warned.append)
        text = lay_out(document)
    for sentence in dict.fromkeys(warned):
        say(sentence)
    if given.check:
        say(check.compared(network, text))
    if given.check_step:
        say(check.compared_step(text, step_of(network, name, source, given, say), given))
    if given.link is None:
        return text
    text = link(document, given.link)
    if len(text) > 2000:
        say(f"the link has {len(text)} characters; " + ("the page takes 16,384 at most: use the document"
            if len(text) > 16384 else "some programs cut links longer than 2,000"))
    return text + "\n"


def main(arguments=None):
    given = parsed(arguments)
    try:
        import torch
    except ImportError:
        say("PyTorch is not installed")
        return 1
    version = tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in torch.__version__.split(".")[:2])
    if version < OLDEST:
        say(f"the exporter needs PyTorch {OLDEST[0]}.{OLDEST[1]} or newer, here is {torch.__version__}")
        return 1
    from .facts import Refused, raised

    try:
        with prints_on_standard_error():
            text = written(given)
    except Refused as reason:
        say(reason)
        return reason.status
    except (Exception, SystemExit) as error:  # of a network's code outside its factory and its forward, or a fault of the exporter
        at = traceback.extract_tb(error.__traceback__)[-1]
        say(f"{given.model} cannot be exported: {raised(error)} (in {pathlib.Path(at.filename).name}, line {at.lineno})")
        return 1
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
