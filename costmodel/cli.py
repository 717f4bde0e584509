"""`costmodel COMMAND`: collect labels, fit, evaluate, predict, rank, explain, transfer.

Exit status: 0 done, 1 the input was refused, 2 usage, 70 an error of the program itself, 130 interrupted.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from costmodel.refusals import CostModelRefusal, RequestError, UnreadableError
from costmodel.sample import UNITS

_NETWORKS = ("fc", "lstm", "conv1d", "transformer")


def main(arguments: list[str] | None = None) -> int:
    """Entry point of the console script."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except CostModelRefusal as refusal:
        _complain(str(refusal))
        return 2 if isinstance(refusal, UnreadableError) else 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away: nothing to flush
        return 0
    except KeyboardInterrupt:
        _complain("costmodel: interrupted")
        return 130
    except Exception as error:
        if options.traceback:
            traceback.print_exc()
        _complain(f"costmodel: internal error: {type(error).__name__}: {error}")
        return 70


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="costmodel", description="Numbers from the text of an IR module, learned.")
    parser.add_argument("--traceback", action="store_true", help="show where an internal error happened")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_collect(commands.add_parser("collect", help="measure: run a source of labels and write a data set"))
    _add_fit(commands.add_parser("fit", help="fit a model to data sets"))
    _add_evaluate(commands.add_parser("evaluate", help="hold out, refit, and print errors beside all rivals'"))
    _add_predict(commands.add_parser("predict", help="predict labels of texts, with intervals"))
    _add_rank(commands.add_parser("rank", help="order alternative texts, the cheapest first"))
    _add_explain(commands.add_parser("explain", help="say what a prediction starts from and what moves it"))
    _add_transfer(commands.add_parser("transfer", help="move a model to a new target with few of its labels"))
    return parser


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_explain)
    parser.add_argument("texts", nargs="+", type=Path, metavar="FILE.mlir")
    _add_model(parser)


def _add_transfer(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_transfer)
    parser.add_argument("data", nargs="+", type=Path, metavar="DATA", help="labels of the new target")
    parser.add_argument(
        "--from", dest="source", required=True, metavar="EXPERT", help="source/target of the expert to move"
    )
    parser.add_argument("--target", metavar="NAME", help="the new target, where the data has several")
    parser.add_argument("--model", type=Path, metavar="FILE", help="(default: the model that ships with the package)")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("model.costmodel"),
        metavar="FILE",
        help="model to write (default model.costmodel)",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--check",
        type=float,
        metavar="SHARE",
        help="write nothing: hold a quarter out, use this share of the labels, compare",
    )
    instead.add_argument(
        "--choose",
        type=_positive,
        metavar="N",
        help="write nothing: name at most N kernels of the data whose labels would say most (their labels may be of any target)",
    )
    parser.add_argument("--seed", type=int, default=1)


def _add_collect(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_collect)
    parser.add_argument("source", help="name of a source (or module:attribute of a collector)")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="data set to write (.jsonl.gz)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", action="append", default=[], help="only this family (repeatable)")
    parser.add_argument("--target", action="append", default=[], help="only this target (repeatable)")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N tasks, spread over what is asked for")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=_positive, default=os.cpu_count() or 1, metavar="N", help="processes (default: one a core)"
    )
    where.add_argument("--cluster", metavar="ADDRESS", help="spread the work over the Dask cluster at this address")


def _add_fit(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_fit)
    parser.add_argument(
        "data", nargs="*", type=Path, metavar="DATA", help="data sets (default: those that ship with the package)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("model.costmodel"),
        metavar="FILE",
        help="model to write (default model.costmodel)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--model",
        default="trees",
        choices=["trees", *_NETWORKS],
        help="trees (default), or a network that reads tokens in their order (the `neural` extra)",
    )
    parser.add_argument("--quiet", action="store_true", help="no table")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    from costmodel.tokens.stream import Scheme

    parser.set_defaults(command=_evaluate)
    parser.add_argument(
        "data", nargs="*", type=Path, metavar="DATA", help="data sets (default: those that ship with the package)"
    )
    parser.add_argument(
        "--split",
        action="append",
        default=[],
        choices=["kernel", "family", "matrix", "configuration", "beyond"],
        help="(repeatable; default all)",
    )
    parser.add_argument("--source", action="append", default=[], help="only this source, or source/target (repeatable)")
    parser.add_argument(
        "--scheme",
        action="append",
        default=[],
        choices=[s.value for s in Scheme],
        help="also a model of text tokens alone (repeatable)",
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        choices=_NETWORKS,
        help="also a network, on the tokens of every --scheme (repeatable; the `neural` extra)",
    )
    parser.add_argument("--seeds", type=_positive, default=1, help="repeat with so many seeds (default 1)")
    parser.add_argument("--folds", type=_positive, default=4, help="folds where groups are dealt to folds (default 4)")
    parser.add_argument("--quick", action="store_true", help="no intervals: nothing held out again inside a fold")
    parser.add_argument(
        "--looks",
        type=_positive,
        default=0,
        metavar="N",
        help="also choose by a second look at the best N of every choice: LLVM compiles them (some 50 ms each), nothing runs",
    )
    parser.add_argument("--worst", type=int, default=10, metavar="N", help="print the N worst picks (default 10)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw regrets and intervals (needs matplotlib)")
    parser.add_argument("--json", action="store_true", help="rows as JSON lines")


def _add_predict(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_predict)
    parser.add_argument("texts", nargs="+", type=Path, metavar="FILE.mlir")
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        choices=list(UNITS),
        help="(repeatable; default all that the model knows)",
    )
    _add_model(parser)


def _add_rank(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_rank)
    parser.add_argument("texts", nargs="+", type=Path, metavar="FILE.mlir")
    parser.add_argument(
        "--looks",
        type=_natural,
        default=8,
        metavar="N",
        help="compare the best N again, knowing how many instructions LLVM leaves each to execute; nothing runs (default 8; 0: none)",
    )
    _add_model(parser)


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return int(text)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="FILE", help="(default: the model that ships with the package)")
    parser.add_argument("--target", help="whom to ask (default: the expert whose texts are most like these)")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _collect(options: argparse.Namespace) -> int:
    from costmodel.collect import collect, on_cores
    from costmodel.collector import Options

    if options.cluster:
        from costmodel.cluster import on_cluster

        execute = on_cluster(options.cluster)
    else:
        execute = on_cores(options.workers)
    wanted = Options(options.seed, tuple(options.family), tuple(options.target), options.limit)
    outcome = collect(
        options.source, wanted, options.output, execute, _progress if sys.stderr.isatty() else _no_progress
    )
    _say(f"{options.output}: {outcome.samples} samples of {outcome.tasks} tasks")
    for key, reason in outcome.failures[:10]:
        _complain(f"warning: task {key} failed: {reason}")
    if len(outcome.failures) > 10:
        _complain(f"warning: {len(outcome.failures)} tasks failed in all")
    return 0


def _progress(done: int, total: int) -> None:
    filled = 40 * done // max(total, 1)
    sys.stderr.write(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{total} tasks" + ("\n" if done == total else ""))
    sys.stderr.flush()


def _compiled(done: int, total: int) -> None:
    end = "\r\033[K" if done == total else f": {done} of {total} compiled"
    sys.stderr.write(f"\r\033[Ka second look{end}")
    sys.stderr.flush()


def _no_progress(done: int, total: int) -> None:
    """Where nobody watches."""


def _fit(options: argparse.Namespace) -> int:
    from costmodel import artifact
    from costmodel.models.neural.learning import torch_or_refusal
    from costmodel.models.neural.network import NetworkKind
    from costmodel.models.table import Options
    from costmodel.report import fit_table
    from costmodel.training import data_or_shipped, fit
    from costmodel.unfinished import Unfinished

    data = data_or_shipped(options.data)
    for warning in data.warnings:
        _complain(f"warning: {warning}")
    network = None if options.model == "trees" else NetworkKind(options.model)
    if network is not None:
        torch_or_refusal()
    artifact.check_place(options.output)
    kept = Unfinished(options.output)
    stage: Callable[[str], None] = _stage if sys.stderr.isatty() else lambda _: None
    try:
        model = fit(data, Options(seed=options.seed, network=network), stage, kept)
    except KeyboardInterrupt:
        if kept.count():
            _complain(
                f"{kept.count()} of {len(data.experts)} experts are kept: the same command goes on with the others"
            )
        raise
    size = artifact.save(options.output, model)
    kept.forget()
    if not options.quiet:
        _say(fit_table(model))
    _say(f"{options.output}: {size:,} bytes, {len(data.samples)} samples")
    return 0


def _stage(what: str) -> None:
    sys.stderr.write(f"\r\033[K{what}")
    sys.stderr.flush()


def _evaluate(options: argparse.Namespace) -> int:
    from costmodel.evaluate import Request, evaluate
    from costmodel.models.neural.learning import torch_or_refusal
    from costmodel.models.neural.network import NetworkKind
    from costmodel.models.table import Options
    from costmodel.report import evaluation_json, evaluation_table
    from costmodel.splits import Split
    from costmodel.tokens.stream import Scheme
    from costmodel.training import data_or_shipped

    data = data_or_shipped(options.data)
    for warning in data.warnings:
        _complain(f"warning: {warning}")
    if options.model:
        torch_or_refusal()
    request = Request(
        tuple(Split(each) for each in options.split) or tuple(Split),
        tuple(options.source),
        tuple(Scheme(each) for each in options.scheme),
        tuple(NetworkKind(each) for each in options.model),
        options.seeds,
        options.folds,
        options.looks,
        Options(calibrate=not options.quick),
    )
    found = evaluate(data, request, _stage if sys.stderr.isatty() else lambda _: None)
    _say(evaluation_json(found) if options.json else evaluation_table(found, options.worst))
    if options.plot:
        from costmodel.plots import draw  # matplotlib is an extra

        draw(options.plot, found)
    return 0


def _texts(paths: Sequence[Path]) -> list[str]:
    from costmodel.tokens.lines import has_operations

    texts: list[str] = []
    for path in paths:
        try:
            texts.append(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UnreadableError(str(path), error) from None
        except UnicodeDecodeError:
            raise RequestError(f"{path} is not MLIR text: it is not UTF-8") from None
        if not has_operations(texts[-1]):
            raise RequestError(f"{path} is not MLIR text: there is no operation in it")
    return texts


def _predict(options: argparse.Namespace) -> int:
    from costmodel import load
    from costmodel.report import estimate_lines

    model, texts = load(options.model), _texts(options.texts)
    expert = model.expert(texts, options.target)
    labels = options.label or [head.label for head in expert.heads]
    by_label = {label: model.predict(texts, label, target=expert.name) for label in labels}
    for at, path in enumerate(options.texts):
        _say(f"{path} ({expert.name})")
        _say("\n".join(estimate_lines([by_label[label][at] for label in labels])))
    return 0


def _rank(options: argparse.Namespace) -> int:
    from costmodel import load
    from costmodel.report import foreign_note

    model, texts = load(options.model), _texts(options.texts)
    target = model.expert(texts, options.target).name
    estimates = model.predict(texts, target=target)
    looked = model.look(texts, options.looks, target, _compiled if sys.stderr.isatty() else _no_progress)
    values: list[float] = []
    for place, at in enumerate(looked.order, 1):
        each, found = estimates[at], looked.found.get(at)
        values.append(found.value if found is not None else each.value)
        note = f" ({found.instructions:,.0f} instructions)" if found is not None else ""
        unit = UNITS[each.label].split()[0]
        _say(f"{place:3} {values[-1]:12.4g} {unit:8} {options.texts[at]}{note}{foreign_note(each)}")
    if looked.uncounted:
        names = ", ".join(str(options.texts[at]) for at in looked.uncounted)
        _say(f"(no second look: instructions of {names} cannot be counted)")
    if values != sorted(values):
        _say("(in the order of the model's comparison of alternatives, which counts besides their numbers)")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from costmodel import load
    from costmodel.explain import explain
    from costmodel.report import explanation_lines

    model, texts = load(options.model), _texts(options.texts)
    found = explain(model, texts, options.target)
    for path, each in zip(options.texts, found, strict=True):
        _say("\n".join(explanation_lines(str(path), each)))
    if len(found) > 1:
        costs = model.cost(texts, target=options.target)
        first, second = sorted(range(len(texts)), key=lambda at: (costs[at], at))[:2]
        times = math.exp(costs[second] - costs[first])
        _say(f"chosen: {options.texts[first]}; {options.texts[second]}, the runner-up, costs {times:.2f} times as much")
    return 0


def _transfer(options: argparse.Namespace) -> int:
    from costmodel import artifact, load
    from costmodel.dataset import read
    from costmodel.report import few_shot_table
    from costmodel.transfer import few_shot, held_out, others_of, to_label, transfer, untested

    model, data = load(options.model), read(options.data)
    samples = [sample for sample in data.samples if options.target in (None, sample.target)]
    if not samples:
        known = ", ".join(sorted({sample.target for sample in data.samples}))
        raise RequestError(f"no sample is of target `{options.target}`; there are samples of {known}")
    old = model.expert([samples[0].text], options.source)
    others = others_of(model, old, samples[0])
    if options.choose is not None:
        for kernel in to_label(old, samples, options.choose, options.seed, others):
            _say(kernel)
        return 0
    if options.check is not None:
        home = [sample for each in (old, *others) for sample in data.of(each.source, each.target).samples]
        _say(few_shot_table(few_shot(old, samples, options.check, options.seed, home, others)))
        anew = untested(samples, held_out(samples, options.seed), home)
        for name in (old.name, *(each.name for each in others)):
            _say(f"({name} {'was fitted anew without' if name in anew else 'may know'} what is tested)")
        return 0
    size = artifact.save(options.output, transfer(model, options.source, samples, options.seed))
    new = f"{samples[0].source}/{samples[0].target}"
    _say(f"{options.output}: {size:,} bytes; {new} from {options.source} and {len(samples)} samples")
    return 0
