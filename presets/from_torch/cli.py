"""The command line: python presets/from_torch.py SOURCE --input SHAPE > MODEL.json"""
import argparse
import ast
import os
import pathlib
import sys
import tempfile

OLDEST = (2, 2)
DESCRIPTION = "Writes the model document of a PyTorch network. Weights are random, nothing is computed or downloaded."
EXAMPLES = """examples:
  from_torch.py torchvision:resnet50 --input 3,224,224 > resnet50.json
  from_torch.py transformers:BertForMaskedLM --input int64:128 --config num_hidden_layers=4 --loss model
  from_torch.py net.py:Net --config width=64 --input 3,32,32 --input mask=bool:32,32
  from_torch.py torchvision:resnet18 --input 3,224,224 --record-step --batch 8 --optimizer sgdm > step.json
exit status: 0 written, 1 the network cannot be exported (one sentence says why, nothing is written), 2 wrong usage"""


def options():
    parser = argparse.ArgumentParser(prog="from_torch.py", description=DESCRIPTION, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("model", metavar="SOURCE", help="torchvision:NAME, timm:NAME, transformers:CLASS or FILE.py:FACTORY")
    add("--input", action="append", nargs="+", default=[], metavar="[NAME=][DTYPE:]SHAPE",
        help="an input without its batch, as 3,224,224 (empty: the batch alone); with a name it is passed by keyword")
    add("--config", action="append", nargs="+", default=[], metavar="KEY=LITERAL", help="arguments of factory or configuration")
    add("--loss", metavar="NAME", help="the document's loss; model: labels are passed, and the output called loss is it; of a step: "
        "none, ce (the default), mse, pow2, sum, misa or model")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--train", dest="training", action="store_true", default=None, help="record in training mode")
    mode.add_argument("--eval", dest="training", action="store_false", help="record in evaluation mode (default: as the factory "
                      "leaves it)")
    add("--depth", type=int, metavar="N", help="containers deeper than N become one opaque row each")
    add("--name", help="the document's name (default: the source's)")
    add("--source", help="where the network comes from, as the document says it (default: SOURCE)")
    add("--link", nargs="?", const="", metavar="PAGE", help="print a share link, of the page at this address, not the document")
    add("--check", action="store_true", help="compare `footprint summary` with torchsummary, where both are installed")
    add("--check-step", action="store_true", help="record three training steps too, and compare them with `footprint step`: which rows "
        "ask for other memory than PyTorch does, and by how much")
    step = parser.add_argument_group("a whole step")
    step.add_argument("--record-step", action="store_true", help="write three training steps as an allocation program, which "
                      "`footprint step --program` replays, in training mode unless --eval")
    step.add_argument("--batch", type=positive, metavar="N", help="record at N, N + 1 and N + 3, which make one program for every "
                      "batch; where they do not, it is of N alone (default 2)")
    step.add_argument("--optimizer", metavar="NAME", help="none, sgd (the default), sgdm, nesterov, adam, adamw, …")
    step.add_argument("--weight-decay", type=float, metavar="W", help="the optimizer's (default 0)")
    return parser


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not at least 1")
    return number


def parsed(arguments):
    parser = options()
    given = parser.parse_args(arguments)
    of_step = {"--batch": given.batch, "--optimizer": given.optimizer, "--weight-decay": given.weight_decay}
    of_document = {"--link": given.link, "--check": given.check or None, "--depth": given.depth, "--check-step": given.check_step or None}
    for option, value in (of_document if given.record_step else {} if given.check_step else of_step).items():
        if value is not None:
            parser.error(f"{option} does not go with --record-step" if given.record_step else f"{option} is for --record-step and --check-step")
    return given


def literal(text):
    """KEY=LITERAL, where a bare word is text."""
    key, _, value = text.partition("=")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value


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
    from . import rows, sources
    from .document import lay_out, link
    from .facts import Refused

    warned = []
    name, source = given.name or given.model.rpartition(":")[2], given.source or given.model
    try:
        model = sources.build(given.model, dict(literal(c) for group in given.config for c in group))
        if given.training is not None or given.record_step or given.check_step:
            model.train(given.training is not False)
        network = rows.Network(model, [i for group in given.input for i in group], depth=given.depth,
                               labels=given.loss == "model")
        if given.record_step:
            text = step_of(network, name, source, given, warned.append)
        else:
            document = rows.exported(network, name, source, given.loss, say=warned.append)
            text = lay_out(document)
    except Refused as reason:
        say(reason)
        return 1
    for sentence in dict.fromkeys(warned):
        say(sentence)
    if given.check:
        from .check import compared
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "model.json")
            path.write_text(text, "utf-8")
            sentence, well = compared(network, path)
        say(sentence)
        if not well:
            return 1
    if given.check_step:
        from .check import compared_step
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "model.json")
                path.write_text(text, "utf-8")
                program = pathlib.Path(folder, "step.json")
                program.write_text(step_of(network, name, source, given, say), "utf-8")
                sentence, well = compared_step(path, program, given)
        except Refused as reason:
            sentence, well = str(reason), False
        say(sentence)
        if not well:
            return 1
    if given.link is not None:
        text = link(document, given.link)
        if len(text) > 2000:
            say(f"the link has {len(text)} characters; " + ("the page takes 16,384 at most: use the document"
                if len(text) > 16384 else "some programs cut links longer than 2,000"))
        text += "\n"
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
