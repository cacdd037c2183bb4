"""Twenty-two models as tutorials make them, on scikit-learn's embedded data.

Each is a function that gives, in a context, what `foible.audit` takes: the model and
the keywords that go with it.
"""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pandas as pd
import torch
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from foible import calling, models
from foible.serving import serve
from foible.vision import torchvision

DUMPS = Path(__file__).parent / "models" / "dumps"


def halves(load):
    X, y = load(return_X_y=True)
    return train_test_split(X, y, test_size=0.5, random_state=0, stratify=y)


def fitted(estimator, load=load_breast_cancer):
    """An estimator, fitted on one half, with the other to judge it on."""

    @contextmanager
    def made():
        seen, new, y_seen, y_new = halves(load)
        model = estimator.fit(seen, y_seen)
        yield model, {"rows": new, "labels": y_new, "train": (seen, y_seen)}

    return made


def scaled(estimator):
    return make_pipeline(StandardScaler(), estimator)


# ---------------------------------------------------------------- frames


def patients():
    """The breast cancers as a frame with a text, a category and holes."""
    frame, y = load_breast_cancer(return_X_y=True, as_frame=True)
    frame = frame[["mean radius", "mean texture", "worst concavity"]].copy()
    size = pd.cut(frame["mean radius"], 3, labels=["small", "medium", "large"])
    frame["size"] = size.astype(object)
    rough = frame["mean texture"] > frame["mean texture"].median()
    frame["note"] = np.where(rough, "rough to the touch", "smooth and even")
    frame.loc[frame.index % 9 == 0, "worst concavity"] = np.nan
    frame.loc[frame.index % 11 == 0, "size"] = None
    frame["diagnosis"] = np.where(y == 1, "benign", "malignant")
    return frame


@contextmanager
def columns():
    frame = patients()
    seen, new = train_test_split(frame, test_size=0.5, random_state=0)
    numbers = ["mean radius", "mean texture", "worst concavity"]
    parts = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("words", OneHotEncoder(handle_unknown="ignore"), ["size"]),
            ("text", CountVectorizer(), "note"),
        ]
    )
    model = make_pipeline(parts, LogisticRegression(max_iter=1000))
    model.fit(seen.drop(columns="diagnosis"), seen["diagnosis"])
    yield model, {"rows": new, "label": "diagnosis", "train": seen}


# ---------------------------------------------------------------- networks


def trained(module, X, y, *, steps, rate=0.01):
    """A network after a short training, in evaluation mode."""
    step = torch.optim.Adam(module.parameters(), rate)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    for _ in range(steps):
        step.zero_grad()
        nn.functional.cross_entropy(module(rows), labels).backward()
        step.step()
    return module.eval()


@contextmanager
def digits_network():
    torch.manual_seed(0)
    seen, new, y_seen, y_new = halves(load_digits)
    seen, new = (X.reshape(-1, 1, 8, 8) / 16 for X in (seen, new))
    module = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 16, 10),
    )
    model = trained(module, seen, y_seen, steps=60)
    yield model, {"rows": new, "labels": y_new, "train": (seen, y_seen)}


@contextmanager
def table_network():
    torch.manual_seed(0)
    seen, new, y_seen, y_new = halves(load_wine)
    module = nn.Sequential(
        nn.BatchNorm1d(13), nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3)
    )
    model = trained(module, seen, y_seen, steps=60)
    yield model, {"rows": new, "labels": y_new, "train": (seen, y_seen)}


@contextmanager
def resnet():
    torch.manual_seed(0)
    X, y = load_digits(return_X_y=True)
    small = torch.tensor(X[:160].reshape(-1, 1, 8, 8) / 16, dtype=torch.float32)
    images = nn.functional.interpolate(small, size=(32, 32)).repeat(1, 3, 1, 1).numpy()
    model = trained(
        torchvision().models.resnet18(weights=None, num_classes=10),
        images[:64],
        y[:64],
        steps=6,
        rate=1e-3,
    )
    yield model, {"rows": images[64:], "labels": y[64:160]}


# ---------------------------------------------------------------- services


@contextmanager
def posted(answer):
    """A service of somebody else's on the loopback, that takes and gives JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said = json.dumps(answer(json.loads(body))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def labels_service():
    seen, new, y_seen, y_new = halves(load_wine)
    model = scaled(SVC()).fit(seen, y_seen)
    with posted(lambda asked: model.predict(asked["rows"]).tolist()) as url:
        way = calling.templated(url, {"rows": "{rows}"}, most=1000)
        yield way, {"rows": new, "labels": y_new}


@contextmanager
def json_service():
    seen, new, y_seen, y_new = halves(load_wine)
    model = scaled(LogisticRegression()).fit(seen, y_seen)

    def answer(asked):
        return {"predictions": model.predict_proba(asked["instances"]).tolist()}

    with posted(answer) as url:
        way = calling.templated(
            url, {"instances": "{rows}"}, answer=("predictions",), most=1000
        )
        yield way, {"rows": new, "labels": y_new}


@contextmanager
def own_service():
    seen, new, y_seen, y_new = halves(load_iris)
    model = GaussianNB().fit(seen, y_seen)
    with serve(model) as url:
        yield url, {"rows": new, "labels": y_new, "train": (seen, y_seen)}


@contextmanager
def plain_function():
    _, new, _, y_new = halves(load_iris)

    def by_petals(X):
        return np.digitize(X[:, 2], [2.5, 4.9])

    yield by_petals, {"rows": new, "labels": y_new}


@contextmanager
def boosted_dump():
    X, y = load_wine(return_X_y=True)
    model = models.xgboost((DUMPS / "xgb_three.json").read_text())
    yield model, {"rows": X[:, [0, 6, 9]], "labels": y}


MODELS = {
    "logistic regression": fitted(LogisticRegression(max_iter=10_000)),
    "linear SVC": fitted(scaled(LinearSVC())),
    "decision tree": fitted(DecisionTreeClassifier(max_depth=4, random_state=0)),
    "random forest": fitted(RandomForestClassifier(50, random_state=0)),
    "gradient boosting": fitted(GradientBoostingClassifier(n_estimators=30)),
    "histogram boosting": fitted(HistGradientBoostingClassifier(max_iter=30)),
    "SVC": fitted(scaled(SVC())),
    "k nearest neighbours": fitted(scaled(KNeighborsClassifier()), load_wine),
    "naive Bayes": fitted(GaussianNB(), load_iris),
    "MLPClassifier": fitted(
        scaled(MLPClassifier(32, max_iter=1000, random_state=0)), load_wine
    ),
    "pipeline with a scaler": fitted(scaled(LogisticRegression())),
    "pipeline with components": fitted(make_pipeline(PCA(20), SVC()), load_digits),
    "pipeline with text and categories": columns,
    "voting": fitted(
        VotingClassifier(
            [("nb", GaussianNB()), ("tree", DecisionTreeClassifier(random_state=0))],
            voting="soft",
        )
    ),
    "stacking": fitted(
        StackingClassifier(
            [("nb", GaussianNB()), ("tree", DecisionTreeClassifier(random_state=0))]
        )
    ),
    "calibrated SVC": fitted(CalibratedClassifierCV(scaled(LinearSVC()))),
    "small CNN": digits_network,
    "network on a table": table_network,
    "resnet18": resnet,
    "service that tells labels": labels_service,
    "service with JSON": json_service,
    "service of the book's": own_service,
    "plain function": plain_function,
    "dump of XGBoost": boosted_dump,
}
