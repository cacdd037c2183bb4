"""What does somebody take home who trains a model for you?

A `Provider` is called with the owner's rows and recipe and gives back a network that
answers well. What they hid in it comes back to whoever has the file and the key
(`InWeights`, by one of the channels), or only asks for labels (`InLabels`). A `Code`
is written so high and so often that what an owner does to the weights is noise;
`tried` finds out how high and how often.
"""

from foible.attacks.malicious_provider.aligning import aligned, in_step
from foible.attacks.malicious_provider.channels import (
    Channel,
    Code,
    LowBits,
    Signs,
    Values,
    nearest,
    voted,
)
from foible.attacks.malicious_provider.judges import (
    IN_A_ROW,
    PRICE,
    TREATMENTS,
    Delivery,
    judge_answers,
    judge_bits,
    judge_noise,
    judge_pictures,
)
from foible.attacks.malicious_provider.pictures import (
    DEPTH,
    returned,
    right_bits,
    some,
    to_bits,
    to_pictures,
)
from foible.attacks.malicious_provider.providers import InLabels, InWeights, Provider
from foible.attacks.malicious_provider.searching import Trial, tried
