"""Learn the weights: ``python -m hotline.classification.train --crisis PATH [--out DIR]``.

Needs the ``train`` extra (scikit-learn). Category weights come from our own examples; danger
weights from a labelled set given by path and never kept, plus our own examples. The held-out part
of the labelled set is not learnt from, so that it can still measure.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from hotline.classification import crisis, evaluation, suggest
from hotline.classification.linear import LinearModel, logistic, save
from hotline.classification.normalise import DATA, outspoken, plain
from hotline.classification.phrases import found, weighty

LONGEST_GRAM = 3
# An n-gram must stand in this many different examples, so that none belongs to one person.
SEEN_IN_AT_LEAST = 3
FOLDS = 5
REPEATS = 3


def own_examples(name: str) -> list[dict[str, Any]]:
    """The rows of one of our own example files."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _pipeline(strength: float, seen_in: int, longest: int) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    counts = CountVectorizer(
        analyzer="char", ngram_range=(1, longest), min_df=seen_in, binary=True, lowercase=False
    )
    regression = LogisticRegression(C=strength, class_weight="balanced", max_iter=3000)
    return make_pipeline(counts, Normalizer(), regression)


def danger_pipeline() -> Any:
    """Untrained estimator for danger."""
    return _pipeline(3.0, SEEN_IN_AT_LEAST, LONGEST_GRAM)


def category_pipeline() -> Any:
    """Untrained estimator for categories: examples are few and our own, so n-grams are short."""
    return _pipeline(10.0, 2, 2)


def as_model(fitted: Any, longest: int) -> LinearModel:
    """A fitted pipeline as plain numbers; weights of no account are dropped."""
    counts, _, regression = (step for _, step in fitted.steps)
    columns = regression.coef_.T.round(3).tolist()
    weights = {
        gram: tuple(columns[index])
        for gram, index in counts.vocabulary_.items()
        if any(abs(weight) >= 0.02 for weight in columns[index])
    }
    bias = tuple(regression.intercept_.round(3).tolist())
    classes = tuple(map(str, regression.classes_)) if len(bias) > 1 else ("danger",)
    return LinearModel(classes, longest, bias, weights)


Examples = tuple[list[str], list[int]]


def danger_examples(messages: list[evaluation.Message]) -> Examples:
    """(folded texts, 0 or 1) of labelled messages."""
    texts = [outspoken(message.text)[: crisis.STRETCH] for message in messages]
    return texts, [int(message.label != evaluation.UNRELATED) for message in messages]


def own_danger_examples() -> Examples:
    """(folded texts, 0 or 1) of what we wrote ourselves; every category example is harmless."""
    rows = [(row["text"], int(row["danger"])) for row in own_examples("danger_examples.jsonl")]
    rows += [(row["text"], 0) for row in own_examples("examples.jsonl")]
    return [outspoken(text) for text, _ in rows], [danger for _, danger in rows]


def fit_danger(messages: list[evaluation.Message]) -> LinearModel:
    """Danger weights from labelled messages and our own examples."""
    (texts, dangers), (own, own_dangers) = danger_examples(messages), own_danger_examples()
    return as_model(danger_pipeline().fit(texts + own, dangers + own_dangers), LONGEST_GRAM)


def fit_categories() -> LinearModel:
    """Category weights from our own examples."""
    rows = own_examples("examples.jsonl")
    texts, codes = [plain(row["text"]) for row in rows], [row["code"] for row in rows]
    return as_model(category_pipeline().fit(texts, codes), 2)


def cross_validated(messages: list[evaluation.Message], seed: int) -> list[float]:
    """The learnt score of each message from a model that has not seen it."""
    from sklearn.model_selection import StratifiedKFold

    scores = [0.0] * len(messages)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for learn, measure in folds.split(messages, [message.label for message in messages]):
        model = fit_danger([messages[index] for index in learn])
        for index in measure:
            scores[index] = _score(model, messages[index].text)
    return scores


def _score(model: LinearModel, text: str) -> float:
    said = outspoken(text)[: crisis.STRETCH]
    return logistic(model.logits(said)[0]) if weighty().search(said) else 0.0


def curve(messages: list[evaluation.Message]) -> str:
    """Markdown: recall on suicide labels and false alarms by threshold, cross-validated."""
    lines = [
        "| threshold | weights: recall | false | both: recall | false |",
        "|---|---|---|---|---|",
    ]
    runs = [cross_validated(messages, seed) for seed in range(REPEATS)]
    heard = [any(True for _ in found(outspoken(message.text))) for message in messages]
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01):
        alone = [[score >= threshold for score in run] for run in runs]
        both = [[a or b for a, b in zip(run, heard, strict=True)] for run in alone]
        figures = [*_rates(messages, alone), *_rates(messages, both)]
        lines.append(f"| {threshold} | " + " | ".join(f"{each:.3f}" for each in figures) + " |")
    return "\n".join(lines)


def _rates(messages: list[evaluation.Message], runs: list[list[bool]]) -> tuple[float, float]:
    suicide = [i for i, each in enumerate(messages) if each.label in evaluation.SUICIDE]
    unrelated = [i for i, each in enumerate(messages) if each.label == evaluation.UNRELATED]
    return _share(suicide, runs), _share(unrelated, runs)


def _share(indices: list[int], runs: list[list[bool]]) -> float:
    return sum(run[index] for run in runs for index in indices) / (len(indices) * len(runs))


@click.command()
@click.option("--crisis", "labelled", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=DATA)
@click.option("--curve", "with_curve", is_flag=True, help="并打印交叉验证曲线（约一分钟）")
def main(labelled: Path, out: Path, with_curve: bool) -> None:
    """训练危机识别与分类权重。"""
    development, _ = evaluation.split(evaluation.read(labelled))
    out.mkdir(parents=True, exist_ok=True)
    save(fit_danger(development), out / crisis.MODEL_FILE.name)
    save(fit_categories(), out / suggest.MODEL_FILE.name)
    click.echo(f"已写入 {len(development)} 条标注消息学得的权重。")
    if with_curve:
        click.echo(curve(development))


if __name__ == "__main__":
    main()
