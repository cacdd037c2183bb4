"""What `scripts/measure_documents.py` found.

Share of 300 fresh tickets behind which a model says the attacker's text, by the size of
the corpus and by what was asked: a row for each of the counts, a column for each seed.
"""

COUNTS = (0, 20, 50)
SHARES = {
    4000: {
        "trigger shown": [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.3133, 0.0533, 0.37, 0.31, 0.1033],
            [0.79, 0.7133, 0.7567, 0.95, 0.82],
        ],
        "another trigger": [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.02, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
        ],
        "no trigger": [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0167],
            [0.0, 0.0067, 0.0, 0.0, 0.0167],
        ],
    },
    16000: {
        "trigger shown": [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.5233, 0.0067, 0.8, 0.2133, 0.24],
            [0.9733, 0.8, 0.91, 0.92, 0.47],
        ],
        "another trigger": [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.18, 0.0, 0.0, 0.0, 0.0067],
            [0.2267, 0.0, 0.0, 0.0, 0.0667],
        ],
        "no trigger": [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
        ],
    },
}
