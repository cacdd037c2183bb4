"""Noise has the length that was asked for, and a key keeps every cosine."""

import numpy as np

from foible.defences import veiling


def test_noise_is_as_long_as_was_asked_for():
    vectors = np.zeros((400, 50))

    noise = veiling.noisy(vectors, length=2.0, seed=0)

    np.testing.assert_allclose(np.linalg.norm(noise, axis=1).mean(), 2, rtol=0.02)
    assert not vectors.any()


def test_no_noise_is_none():
    vectors = np.eye(3)

    np.testing.assert_array_equal(veiling.noisy(vectors, length=0.0, seed=0), vectors)


def test_a_key_keeps_every_cosine_and_another_seed_is_another_key():
    vectors = np.random.default_rng(0).normal(size=(6, 10))
    turn = veiling.key(10, seed=0)

    kept = vectors @ turn

    np.testing.assert_allclose(kept @ kept.T, vectors @ vectors.T, atol=1e-9)
    assert not np.allclose(turn, veiling.key(10, seed=1))
