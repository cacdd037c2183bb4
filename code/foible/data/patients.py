"""Which patient records are there?"""

from sklearn import datasets

from foible.data.rows import Dataset


def clinic() -> Dataset:
    """Measurements of 569 tumours, and whether each is benign [street1993nuclear]."""
    raw = datasets.load_breast_cancer()
    return Dataset(
        name="clinic",
        X=raw.data,
        y=raw.target,
        columns=tuple(map(str, raw.feature_names)),
        classes=tuple(map(str, raw.target_names)),
        origin="scikit-learn's breast cancer table",
    )


def diabetes() -> Dataset:
    """Records of 442 patients with diabetes, and its progress [efron2004least].

    `y` is a score of progression after a year, 25 to 346, so there are no classes.
    """
    raw = datasets.load_diabetes(scaled=False)
    return Dataset(
        name="diabetes",
        X=raw.data,
        y=raw.target,
        columns=tuple(raw.feature_names),
        classes=(),
        origin="scikit-learn's diabetes table",
    )
