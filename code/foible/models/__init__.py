"""Which models are there, and how is one, or are many at once, made from rows?

A recipe is a plain value that turns rows into a model; what it cannot use, a setting
that is not above 0, rows or a seed, is BadInput. NumPy goes in and NumPy comes
out; tensors stay inside, on the CPU unless `device` says otherwise: there small
networks are fast, and results do not depend on a graphics card. Class j is column j of
the probabilities of every model made here, also if the rows to learn from had no
example of it.
"""

from foible.models.asking import TextTransport, text_oracle, text_transport
from foible.models.classical import (
    ForestRecipe,
    Neighbours,
    NeighboursRecipe,
    RegressionRecipe,
    TreeRecipe,
    forest,
    logistic,
    neighbours,
    polished,
    softmax,
    tree,
)
from foible.models.convolutions import ConvolutionalRecipe, convolutional
from foible.models.derived import (
    StandardisedRecipe,
    TransferRecipe,
    standardised,
    transferred,
    unscaled,
)
from foible.models.dumps import lightgbm, xgboost
from foible.models.filters import Convolutional
from foible.models.from_onnx import OnnxModel, onnx
from foible.models.from_sklearn import Estimator, Labelling, Linear, sklearn
from foible.models.from_torch import TorchModel, torch
from foible.models.gguf import read_gguf
from foible.models.kinds import (
    Aim,
    Classifier,
    Differentiable,
    Layer,
    Model,
    Perturbation,
    Recipe,
    Regressor,
    Sent,
    Soft,
    Update,
    Weights,
    as_classifier,
    as_differentiable,
    numbered,
    oracle,
    probabilities,
    transport,
    values,
)
from foible.models.language import Adjusted, Language
from foible.models.meaning import Meaning, Semantic, meaning, semantic
from foible.models.minilm import MiniLM, minilm
from foible.models.networks import Network, as_network
from foible.models.own import OwnRecipe, recipe
from foible.models.private import PrivateRecipe, private_network
from foible.models.private_language import PrivateLanguageRecipe, private_language
from foible.models.scoring import Scoring
from foible.models.smollm import SmolLM2, smollm2
from foible.models.teaching import LanguageRecipe, language
from foible.models.training import NetworkRecipe, network, resumed
from foible.models.trees import Grown, Precision, Trees, trees
from foible.models.viewing import camera_backward, through_camera
