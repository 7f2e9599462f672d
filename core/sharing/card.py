"""A model card (Mitchell et al. 2019, arXiv 1810.03993) in the sections of Hugging Face's, from what is stored.

The strongest words are found for it where nobody has looked for them yet. Its figures are those of the Evaluate page,
written by the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.config import Recipe
from core.datasets import DATASETS, OwnDataset, own_datasets
from core.evaluation import (
    by_class,
    by_confidence,
    calibration_error,
    calibration_error_sentence,
    calibration_sentence,
    copies_sentence,
    only_class_sentence,
    relatives_sentence,
    report_intervals,
    slice_difference,
)
from core.findings import found_global_words
from core.format import counted, duration, interval, percent, size
from core.saved_models import (
    ModelInfo,
    model_info,
    stored_calibration,
    stored_evaluation,
    stored_history,
    stored_recipe,
)
from core.schema import FEW, ClassWords, Evaluation, GlobalWords, IntervalReport, Slice, best_record
from core.sharing.document import Block, Code, Document, Items, Rows, Section, Sentences
from core.sharing.running import example

WORST = 8  # slices that are told
STRONGEST = 12  # words of a class and side that are told
MOST_CLASSES = 40  # that a list of names holds; the table has them all
FRONT_MATTER = """---
library_name: whyword
pipeline_tag: text-classification
---
"""
NETWORKS = {
    "bow": "a bag of words with a small network behind it",
    "ngram": "a linear model over words and phrases",
    "convnet": "a convolutional network over tokens in order",
    "transformer": "a small transformer over tokens in order",
    "wide": "a linear model over phrases beside a convolutional network over tokens",
}


@dataclass(frozen=True, kw_only=True)
class ModelCard(Document):
    """The card of a model, whose name it has."""

    model: str

    def markdown(self) -> str:
        """Markdown with what Hugging Face's model pages read above it."""
        return f"{FRONT_MATTER}\n{super().markdown()}"


def model_card(name: str) -> ModelCard:
    """What there is to know of a model before it is used.

    Raises UnknownName, and DamagedModel when the model is not as it was saved.
    """
    info = model_info(name)
    recipe, result = stored_recipe(name), stored_evaluation(name)
    words = found_global_words(name)
    sections = (
        _description(info, recipe),
        _uses(info, recipe, result),
        _training_data(info),
        _training(info, recipe),
        *_evaluation(info, result),
        _calibration(info, result),
        _worst_slices(result),
        _strongest_words(info, words),
        _how_to_use(info),
    )
    return ModelCard(model=name, title=f"Model card: {name}", sections=sections)


def _description(info: ModelInfo, recipe: Recipe) -> Section:
    classes = ", ".join(info.class_names[:MOST_CLASSES])
    more = f" and {len(info.class_names) - MOST_CLASSES} more" if len(info.class_names) > MOST_CLASSES else ""
    rows = (
        ("What it does", f"gives a text one of {len(info.class_names):,} classes"),
        ("Classes", f"{classes}{more}"),
        ("Network", NETWORKS.get(recipe.model.family, recipe.model.family)),
        ("Parameters", size(info.parameters, "")),
        ("Size", size(info.bytes)),
        ("Created", info.created[:10]),
        ("Fingerprint", info.fingerprint),
        ("Made with", "Whyword (JAX, Flax)"),
    )
    return Section("Model description", (Rows(("", ""), rows),))


def _uses(info: ModelInfo, recipe: Recipe, result: Evaluation) -> Section:
    intended = (
        f"It is meant for texts like those of {info.dataset}, and says nothing of others: a text of another kind gets "
        "one of the classes too. Whyword warns where a text is unlike what the model learned from."
    )
    return Section("Intended uses and limits", (Sentences(intended), Items(tuple(_limits(info, recipe, result)))))


def _limits(info: ModelInfo, recipe: Recipe, result: Evaluation) -> Iterable[str]:
    if recipe.data.encoder in ("bpe", "gpt2"):
        yield f"It reads the first {recipe.data.length:,} tokens of a text, and nothing behind them."
    if recipe.model.family in ("bow", "ngram"):
        phrases = f", beyond phrases of {recipe.data.ngrams} words" if recipe.data.ngrams > 1 else ""
        yield f"It does not see the order of words{phrases}."
    if recipe.data.lowercase:
        yield "Upper and lower case are the same to it."
    few = [row.name for row in report_intervals(result).classes if row.documents < FEW]
    if few:
        yield f"Fewer than {FEW} test documents are of {', '.join(few[:MOST_CLASSES])}: their figures say little."
    if sentence := only_class_sentence(result):
        yield sentence
    yield from result.caveats
    yield "It has what its texts have of errors, gaps and prejudice; whom a wrong answer would hurt was not examined."


def _training_data(info: ModelInfo) -> Section:
    rows = [("Data set", info.dataset), ("Fingerprint of its texts and labels", info.data_fingerprint)]
    own = next((each for each in own_datasets() if each.fingerprint == info.data_fingerprint), None)
    blocks: list[Block] = []
    if info.dataset in DATASETS:
        spec = DATASETS[info.dataset]
        rows += [("What", spec.summary), ("Source", spec.source), ("Licence of the data", spec.licence)]
    elif own:
        rows += _own_rows(own)
        blocks = [Items(own.sentences)] if own.sentences else []
    else:
        rows.append(("Source", "a table of somebody's own, which is not on this machine"))
    rows += [("Validation documents", f"{info.valid['n']:,}")] if info.valid else []
    rows.append(("Test documents", f"{info.test['n']:,}"))
    return Section("Training data", (Rows(("", ""), tuple(rows)), *blocks, *_independence(info)))


def _own_rows(own: OwnDataset) -> list[tuple[str, str]]:
    return [
        ("Source", f"{own.source}: texts from {own.choices['text']}, classes from {own.choices['label']}"),
        ("SHA-256 of the file", own.source_sha256 or "not known"),
        ("Training documents", f"{own.documents['train']:,}"),
        ("Rows left out", f"{own.left_out:,}"),
        ("Licence of the data", "not known"),
    ]


def _independence(info: ModelInfo) -> tuple[Block, ...]:
    if info.independence is None:
        return ()
    said = (relatives_sentence(info.independence), copies_sentence(info.independence))
    return (Items(tuple(filter(None, said))),) if any(said) else ()


def _training(info: ModelInfo, recipe: Recipe) -> Section:
    history = stored_history(info.name)
    best = best_record(history)
    rows = [
        ("Recipe", recipe.name),
        ("Encoder", f"{recipe.data.encoder}, at most {recipe.data.vocabulary:,} entries"),
        ("Loss", recipe.train.loss),
        ("Class weights", recipe.train.class_weight),
        ("Seed", str(recipe.train.seed)),
    ]
    if best is not None:
        rows += [("Epochs", f"{len(history)}, of which number {best.epoch} was the best on validation")]
        rows += [("Time", duration(history[-1].seconds))]
    if recipe.source:
        rows.append(("After", recipe.source))
    return Section("Training procedure", (Rows(("", ""), tuple(rows)),))


def _evaluation(info: ModelInfo, result: Evaluation) -> tuple[Section, ...]:
    report = report_intervals(result)
    figures = (
        ("Accuracy", percent(result.accuracy), interval(report.accuracy) or ""),
        ("Macro F1", percent(result.macro_f1), interval(report.macro.f1) or ""),
        ("Loss", f"{result.loss:.3f}", ""),
        ("Calibration error", percent(result.ece), ""),
    )
    measured = (
        f"Measured on {counted(len(result), 'document')} of the {result.split} split, on which no weights were learned "
        "and no epoch was chosen. Intervals are 95% intervals."
    )
    return (
        Section("Evaluation", (Sentences(measured), Rows(("Figure", "Value", "With its interval"), figures))),
        Section("Results by class", (_report(report),), level=3),
    )


def _report(report: IntervalReport) -> Rows:
    means = (replace(report.macro, name="Mean"), replace(report.weighted, name="Weighted mean"))
    rows = tuple(
        (row.name, *(interval(figure) or "-" for figure in (row.precision, row.recall, row.f1)), f"{row.documents:,}")
        for row in (*report.classes, *means)
    )
    return Rows(("Class", "Precision", "Recall", "F1", "Documents"), rows)


def _calibration(info: ModelInfo, result: Evaluation) -> Section:
    fitted = stored_calibration(info.name)
    growing = f" and {fitted.saturation:.2f} times its margin" if fitted.saturation else ""
    temperature = (
        f"The logits of a document are divided by {fitted.temperature:.2f}{growing}, which fits the validation "
        "documents best."
    )
    said = (calibration_sentence(result), calibration_error_sentence(calibration_error(result), len(result)))
    return Section("Calibration", (Items((*said, temperature)),))


def _worst_slices(result: Evaluation) -> Section:
    parts = [part for part in (*by_class(result), *by_confidence(result)) if part.rest is not None]
    worst = sorted(parts, key=lambda part: (part.accuracy.high, part.accuracy.value))[:WORST]
    about = "Test documents by class and by confidence, those first whose accuracy is low even at its upper end."
    if not worst:
        return Section("Where it is worse", (Sentences("All test documents are of one class and confidence."),))
    return Section("Where it is worse", (Sentences(about), _slices(worst)))


def _slices(parts: Iterable[Slice]) -> Rows:
    heads = ("By", "Slice", "Documents", "Accuracy", "Compared with the rest")
    return Rows(heads, tuple(_slice(part) for part in parts))


def _slice(part: Slice) -> tuple[str, ...]:
    return part.kind, part.name, f"{len(part):,}", interval(part.accuracy) or "", slice_difference(part)


def _strongest_words(info: ModelInfo, words: GlobalWords | None) -> Section:
    title = "Strongest words by class"
    if words is None:
        way = "They were not looked for: the documents that they would be found in are not on this machine."
        return Section(title, (Sentences(way),))
    about = (
        f"Words that move the log-odds of a class most, added up over {counted(words.documents, 'document')} of the "
        f"{words.split} split ({words.method})."
    )
    rows = tuple((each.class_name, *_sides(each)) for each in words.classes)
    return Section(title, (Sentences(about), Rows(("Class", "Speak for it", "Speak against it"), rows)))


def _sides(words: ClassWords) -> tuple[str, str]:
    sides = (words.speaking_for, words.speaking_against)
    first, second = (", ".join(effect.word for effect in side[:STRONGEST]) or "-" for side in sides)
    return first, second


def _how_to_use(info: ModelInfo) -> Section:
    library = f'from core import load_model\n\nload_model("{info.name}").predict_proba(["a text"])'
    command = f"python -m core import {info.name}.zip\npython -m core predict {info.name} texts.csv answers.csv"
    exported = example(info.name)
    return Section(
        "How to use it",
        (
            Sentences("With Whyword, after its zip was brought:"),
            Code(command, "bash"),
            Code(library),
            Sentences(f"Its network alone, after python -m core export {info.name} {info.name}:"),
            Code(exported),
        ),
    )
