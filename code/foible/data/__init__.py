"""Rows and labels: which data a model is made from, and where they come from.

The bank's customers are invented and the road's signs drawn. By default everything is
embedded and nothing is downloaded. Three sets have a larger, published version, used
where the environment variable `FOIBLE_DATA` names a folder that holds their files:

    bank()    credit/default_credit_card.csv.gz
    digits()  MNIST/raw/*.gz, the four original files
    faces()   olivetti/olivetti_py3.pkz

Each file is checked against a pinned SHA-256 before it is read (the credit table's is
that of the unpacked text, since two gzips may differ), and none is ever changed. Only
with `FOIBLE_DOWNLOAD=1` is a missing one fetched, through scikit-learn's or
torchvision's own loader, and stored if its checksum fits.
"""

from foible.data.asking import (
    MOST_LETTERS,
    Frame,
    Part,
    Request,
    request,
    requests,
)
from foible.data.corpora import (
    Orders,
    help_documents,
    help_texts,
    ticket_words,
    tickets,
)
from foible.data.files import BankAggregates, bank_aggregates, choice
from foible.data.frames import Coding, coding, labelled
from foible.data.people import (
    BANK_ROWS,
    BANK_SEED,
    bank,
    clinic,
    diabetes,
    draw_bank,
    invented,
    irises,
    symmetric,
    talk_view,
    wines,
)
from foible.data.pictures import (
    MNIST_ROWS,
    SIGN_ROWS,
    SIGN_SEED,
    digits,
    draw_signs,
    faces,
    signs,
)
from foible.data.rows import (
    Classified,
    Dataset,
    Group,
    joined,
    members,
    same_columns,
    settled,
)
from foible.data.texts import Texts, Vocabulary
from foible.data.wheels import Published, model_files, published_models
