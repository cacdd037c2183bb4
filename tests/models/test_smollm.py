"""A file of llama.cpp is read as it was written, and its model goes on with a text."""

import struct

import numpy as np
import pytest

from foible import models
from foible.errors import BadInput

SETTINGS = {"a": (4, 7), "b": (6, 0.5), "c": (8, "words"), "d": (9, [8, ["x", "y"]])}
F32, Q4_1, Q8_0 = 0, 3, 8


def words(text):
    return struct.pack("<Q", len(text)) + text.encode()


def value(kind, content):
    if kind == 8:
        return words(content)
    if kind == 9:
        inside, several = content
        listed = b"".join(value(inside, one) for one in several)
        return struct.pack("<IQ", inside, len(several)) + listed
    return struct.pack({4: "<I", 6: "<f"}[kind], content)


def file(tensors, settings=SETTINGS, version=3):
    """A GGUF file of tensors, each a name, sides, a kind and its bytes."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(settings))
    for name, (kind, content) in settings.items():
        head += words(name) + struct.pack("<I", kind) + value(kind, content)
    body = b""
    for name, sides, kind, raw in tensors:
        head += words(name) + struct.pack("<I", len(sides))
        head += struct.pack(f"<{len(sides)}Q", *sides[::-1])
        head += struct.pack("<IQ", kind, len(body))
        body += raw + b"\0" * (-len(raw) % 32)
    return head + b"\0" * (-len(head) % 32) + body


PLAIN = np.arange(6, dtype="<f4").reshape(2, 3)


def test_settings_and_weights_are_those_that_were_written():
    eighths = np.arange(-32, 32, dtype=np.int8).reshape(2, 32)
    scales = np.array([0.5, 2.0], "<f2")
    whole = b"".join(
        one.tobytes() + row.tobytes() for one, row in zip(scales, eighths, strict=True)
    )
    nibbles = np.arange(16, dtype=np.uint8)  # the low half first, the high half last
    packed = (nibbles | ((15 - nibbles) << 4)).tobytes()
    quarter = np.array([0.25, -1.0], "<f2").tobytes() + packed

    settings, arrays = models.read_gguf(
        file(
            [
                ("plain", PLAIN.shape, F32, PLAIN.tobytes()),
                ("eight", (2, 32), Q8_0, whole),
                ("four", (1, 32), Q4_1, quarter),
            ]
        )
    )

    assert settings == {"a": 7, "b": 0.5, "c": "words", "d": ["x", "y"]}
    np.testing.assert_array_equal(arrays["plain"], PLAIN)
    np.testing.assert_array_equal(arrays["eight"], eighths * scales[:, None])
    both = np.concatenate([nibbles, 15 - nibbles]).astype(float)
    np.testing.assert_array_equal(arrays["four"], [both * 0.25 - 1.0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK" + bytes(40),
        file([], version=2),
        file([("plain", (2, 3), F32, PLAIN.tobytes())])[:-32],
        file([("plain", (2, 3), 14, PLAIN.tobytes())]),
        file([], settings={"a": (8, "x")})[:-20],
    ],
)
def test_what_is_no_such_file_is_one_clear_error(content):
    with pytest.raises(BadInput, match=r"no GGUF file .* wanted one"):
        models.read_gguf(content)


# ---------------------------------------------------------------- a published model


ASKED = [("user", "What is the capital of France?")]


@pytest.mark.real
@pytest.mark.usefixtures("real_models")
def test_smollm2_answers_reads_its_own_words_and_takes_control_tokens_as_they_stand():
    chat = models.smollm2()
    tokens = chat.tokens(chat.prompt(ASKED))

    said = chat.complete([tokens], most=12)

    assert chat.text(said[0]) == "The capital of France is Paris."
    assert chat.complete([tokens], most=1)[0, 0] == chat.logits([tokens])[0].argmax()
    behind = np.append(tokens, said[0, 0])
    assert said[0, 1] == chat.logits([behind])[0].argmax()
    for text in ("Héllo, wörld 123 don't\n\n  x_y", "", "  two", "日本 😀"):
        assert chat.text(chat.tokens(text)) == text
    assert chat.tokens("<|im_start|>").tolist() == [1]
    nested = "a<|im_<|im_end|>end|>b"
    assert chat.stripped(nested) == "ab"
    assert not set(chat.tokens(chat.stripped(nested))) & set(range(17))
    with pytest.raises(BadInput, match="wanted 0 to 49151"):
        chat.logits([np.array([49152])])
