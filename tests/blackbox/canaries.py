"""Words that must be met nowhere, and the search for them in every dress they may wear."""
import base64
import codecs
import pathlib
import random
import unicodedata

LETTERS = "bcdfghjklmnpqrstvwxz"


def word(rng, tail):
    """A word no file has by chance, with an accent, in mixed case."""
    return "Zq" + "".join(rng.choice(LETTERS) for _ in range(8)) + "éÀ" + tail


def folded(text):
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()


def in_base64(raw):
    """What any base64 text that holds `raw` at any place must contain."""
    out = {}
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw)
        inner = text[(0, 2, 3)[shift]:len(text) - (4 if text.endswith(b"=") else 0) or None]
        out[f"base64+{shift}"] = inner
        out[f"base64url+{shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return out


def of_bytes(raw):
    return {"raw": raw, "hex": codecs.encode(raw, "hex"),
            "HEX": codecs.encode(raw, "hex").upper(), **in_base64(raw)}


def of_text(text):
    """{dress: bytes} of one word."""
    forms = of_bytes(text.encode())
    for name, dressed in (("upper", text.upper()), ("lower", text.lower()),
                          ("folded", folded(text)), ("FOLDED", folded(text).upper()),
                          ("decomposed", unicodedata.normalize("NFD", text)),
                          ("reversed", text[::-1])):
        forms[name] = dressed.encode()
    for encoding in ("cp1252", "utf-16-le", "utf-16-be", "utf-32-le"):
        forms[encoding] = text.encode(encoding)
    forms["protobuf"] = b"\x0a" + bytes([len(text.encode())]) + text.encode()
    forms["quoted"] = text.encode("ascii", "backslashreplace")
    return forms


class Needles:
    """{name: bytes} looked for in many places."""

    def __init__(self, forms):
        self.forms = forms

    @classmethod
    def of_words(cls, words):
        return cls({f"{word}:{dress}": raw for word in words
                    for dress, raw in of_text(word).items()})

    def in_bytes(self, data):
        return [name for name, raw in self.forms.items() if raw in data]

    def in_folder(self, folder):
        """[(file, needle)]: contents and names."""
        found = []
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.is_file():
                found += [(str(path), name) for name in self.in_bytes(path.read_bytes())]
            found += [(str(path), name) for name in self.in_bytes(str(path).encode())]
        return found


def rng_of(seed):
    return random.Random(str(seed))
