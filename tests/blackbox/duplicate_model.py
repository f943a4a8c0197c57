"""The duplicate rule of the domain (section 2), written again from its words, and a sheet of
rows that tries each clause of it alone. Shares nothing with the daemon.

    Duplicates are proposed: same folded name (accents, case, order of first and last name) and
    birth dates equal or one of them missing; or same folded address and a shared motive within
    60 days.

Every clause is a member of Oracle, so that a control can put another in its place.
"""
import csv
import datetime
import io
import random
import re
import unicodedata
from dataclasses import dataclass, field

WINDOW_DAYS = 60
LIGATURES = {"œ": "oe", "æ": "ae"}
MOTIVES = ("incivilites", "degradations", "violences", "insertion", "errance", "lieu")


@dataclass
class Row:
    last: str
    first: str
    born: object      # datetime.date or None
    address: str
    received: datetime.date
    motives: tuple
    case: str = ""
    number: str = ""


def words(text):
    """What is left of a text without accents, case and everything between letters and digits."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    for one, two in LIGATURES.items():
        text = text.replace(one, two)
    return re.findall(r"[^\W_]+", text)


@dataclass
class Oracle:
    window: int = WINDOW_DAYS
    fold: callable = words
    in_order: bool = False            # control: first and last name in one order only
    missing_is_equal: bool = True     # a birth date that is missing agrees with any
    births_count: bool = True
    motive_count: bool = True
    by_name: bool = True
    by_address: bool = True

    def name(self, row):
        both = self.fold(f"{row.last} {row.first}")
        return tuple(both if self.in_order else sorted(both))

    def births_agree(self, a, b):
        if not self.births_count:
            return True
        if a.born is None or b.born is None:
            return self.missing_is_equal
        return a.born == b.born

    def same_name(self, a, b):
        return self.by_name and bool(self.name(a)) and self.name(a) == self.name(b) \
            and self.births_agree(a, b)

    def same_address(self, a, b):
        one, two = self.fold(a.address), self.fold(b.address)
        return self.by_address and bool(one) and one == two \
            and (not self.motive_count or bool(set(a.motives) & set(b.motives))) \
            and abs((a.received - b.received).days) <= self.window

    def are_duplicates(self, a, b):
        return self.same_name(a, b) or self.same_address(a, b)

    def pairs(self, rows):
        """Every pair of numbers; rows are compared within equal names and equal addresses."""
        found = set()
        for key in (self.name, lambda row: tuple(self.fold(row.address))):
            alike = {}
            for row in rows:
                alike.setdefault(key(row), []).append(row)
            for group in alike.values():
                for i, a in enumerate(group):
                    found |= {tuple(sorted((a.number, b.number))) for b in group[i + 1:]
                              if self.are_duplicates(a, b)}
        return found


def fold_without_ligatures(text):
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", text)


def fold_with_accents(text):
    return re.findall(r"[^\W_]+", "".join(LIGATURES.get(c, c) for c in text.casefold()))


def fold_with_case(text):
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    for one, two in {**LIGATURES, "Œ": "OE", "Æ": "AE"}.items():
        text = text.replace(one, two)
    return re.findall(r"[^\W_]+", text)


def fold_with_hyphens(text):
    return words(text.replace("-", "0hyphen0"))


# Each puts a fault into one clause: the rows must tell it from the rule.
CONTROLS = {
    "window of 59 days": dict(window=59),
    "window of 61 days": dict(window=61),
    "names in one order": dict(in_order=True),
    "missing birth date differs": dict(missing_is_equal=False),
    "birth dates ignored": dict(births_count=False),
    "motives ignored": dict(motive_count=False),
    "ligatures kept": dict(fold=fold_without_ligatures),
    "accents kept": dict(fold=fold_with_accents),
    "case kept": dict(fold=fold_with_case),
    "hyphens kept": dict(fold=fold_with_hyphens),
    "no name clause": dict(by_name=False),
    "no address clause": dict(by_address=False),
}


# --- rows ---

@dataclass
class Sheet:
    """Rows nobody else resembles, and groups that differ from a pair in one thing only."""
    today: datetime.date
    seed: int = 20260101
    rows: list = field(default_factory=list)
    made: int = 0

    def __post_init__(self):
        self.random = random.Random(self.seed)

    def letters(self):
        """A word no other row has."""
        self.made += 1
        number, text = self.made, ""
        while number:
            number, digit = divmod(number, 20)
            text += "bcdfghjklmnpqrstvwxz"[digit] + self.random.choice("aeiou")
        return text.capitalize()

    def day(self):
        return self.today - datetime.timedelta(self.random.randrange(70, 400))

    def birth(self):
        return datetime.date(self.random.randrange(1950, 2015), self.random.randrange(1, 13),
                             self.random.randrange(1, 29))

    def row(self, **changes):
        fields = dict(last=self.letters(), first=self.letters(), born=self.birth(),
                      address=f"{self.random.randrange(1, 99)} rue {self.letters()}",
                      received=self.day(), motives=(self.random.choice(MOTIVES),))
        fields.update(changes)
        return Row(**fields)

    def people(self, case, *changes, **shared):
        """One row per change: the same name, everything else of its own unless said."""
        common = dict(last=self.letters(), first=self.letters(), **shared)
        for change in changes:
            fields = {name: value(common[name]) if callable(value) else value
                      for name, value in change.items()}
            self.rows.append(self.row(case=case, **{**common, **fields}))

    def place(self, case, days, motives, spelling=(str, str), **more):
        """Two rows at one address, `days` apart."""
        address = f"{self.random.randrange(1, 99)} rue du Sacré-Cœur {self.letters()}"
        first = self.day()
        for spell, shift, motive in zip(spelling, (0, days), motives):
            self.rows.append(self.row(case=case, address=spell(address), motives=motive, **more,
                                      received=first + datetime.timedelta(shift)))


def inverted(sheet, case):
    last, first, born = sheet.letters(), sheet.letters(), sheet.birth()
    sheet.rows += [sheet.row(case=case, last=last, first=first, born=born),
                   sheet.row(case=case, last=first, first=last, born=born)]


def spelt(sheet, case, one, two):
    """The same person, the last name written in two ways."""
    own, first, born = sheet.letters(), sheet.letters(), sheet.birth()
    sheet.rows += [sheet.row(case=case, last=f"{name}{own}", first=first, born=born)
                   for name in (one, two)]


def compound(sheet, case, one, two):
    own, last, born = sheet.letters(), sheet.letters(), sheet.birth()
    sheet.rows += [sheet.row(case=case, last=last, first=f"{first} {own}", born=born)
                   for first in (one, two)]


ONE, OTHER = (MOTIVES[0],), (MOTIVES[1],)
CASES = {
    "birth dates equal": lambda s, c: s.people(c, {}, {}, born=s.birth()),
    "one birth date missing": lambda s, c: s.people(c, {}, {"born": None}),
    "both birth dates missing": lambda s, c: s.people(c, {}, {}, born=None),
    "birth dates differ": lambda s, c: s.people(
        c, {"born": datetime.date(1990, 3, 4)}, {"born": datetime.date(1990, 4, 3)}),
    "a missing date between two that differ": lambda s, c: s.people(
        c, {"born": datetime.date(1990, 3, 4)}, {"born": None},
        {"born": datetime.date(1990, 3, 5)}),
    "last names differ by a letter": lambda s, c: s.people(
        c, {}, {"last": lambda name: name + "y"}, born=s.birth()),
    "first names differ": lambda s, c: s.people(
        c, {}, {"first": lambda name: name + "y"}, born=s.birth()),
    "one name left out": lambda s, c: compound(s, c, "Jean Pierre", "Jean"),
    "accents": lambda s, c: spelt(s, c, "Élévê", "Eleve"),
    "cedilla and diaeresis": lambda s, c: spelt(s, c, "Françoïs", "Francois"),
    "case": lambda s, c: spelt(s, c, "MCDONALD", "Mcdonald"),
    "œ": lambda s, c: spelt(s, c, "Lebœuf", "Leboeuf"),
    "Œ": lambda s, c: spelt(s, c, "Œuvrard", "OEuvrard"),
    "æ": lambda s, c: spelt(s, c, "Lætitia", "Laetitia"),
    "ligature of another kind": lambda s, c: spelt(s, c, "Lebœuf", "Lebeuf"),
    "inverted": inverted,
    "compound first name": lambda s, c: compound(s, c, "Jean-Pierre", "Jean Pierre"),
    "compound of other words": lambda s, c: compound(s, c, "Jean-Pierre", "Jean-Paul"),
    "apostrophe": lambda s, c: spelt(s, c, "D'Angelo", "D’Angelo"),
    "apostrophe left out": lambda s, c: spelt(s, c, "D'Angelo", "Dangelo"),
    "address and motive, same day": lambda s, c: s.place(c, 0, (ONE, ONE)),
    "address and motive at 60 days": lambda s, c: s.place(c, 60, (ONE, ONE)),
    "address and motive at 60 days, later first": lambda s, c: s.place(c, -60, (ONE, ONE)),
    "address and motive at 61 days": lambda s, c: s.place(c, 61, (ONE, ONE)),
    "address and motive at 61 days, later first": lambda s, c: s.place(c, -61, (ONE, ONE)),
    "address without shared motive": lambda s, c: s.place(c, 0, (ONE, OTHER)),
    "one shared motive of several": lambda s, c: s.place(
        c, 10, (ONE + (MOTIVES[2],), OTHER + (MOTIVES[2],))),
    "address in capitals": lambda s, c: s.place(c, 5, (ONE, ONE), (str, str.upper)),
    "address without accents": lambda s, c: s.place(
        c, 5, (ONE, ONE), (str, lambda text: text.replace("é", "e").replace("œ", "oe"))),
    "another number in the street": lambda s, c: s.place(
        c, 5, (ONE, ONE), (str, lambda text: "1" + text)),
    "address without birth dates": lambda s, c: s.place(c, 5, (ONE, ONE), born=None),
    "neither": lambda s, c: s.rows.append(s.row(case=c)),
}
PROPOSED = {
    "birth dates equal", "one birth date missing", "both birth dates missing",
    "a missing date between two that differ", "accents", "cedilla and diaeresis", "case", "œ",
    "Œ", "æ", "inverted", "compound first name", "apostrophe", "address and motive, same day",
    "address and motive at 60 days", "address and motive at 60 days, later first",
    "one shared motive of several", "address in capitals", "address without accents",
    "address without birth dates"}


def make(today, count=2000, seed=20260101):
    """`count` rows, each case as often as fits, numbered and shuffled."""
    sheet = Sheet(today, seed)
    while len(sheet.rows) < count:
        for case, fill in CASES.items():
            fill(sheet, case)
    sheet.rows = sheet.rows[:count]
    for number, row in enumerate(sheet.rows, 1):
        row.number = f"{number:04d}"
    sheet.random.shuffle(sheet.rows)
    return sheet.rows


HEADER = ("N° fiche", "Date saisine", "Origine", "Territoire", "Quartier", "Nature", "Nom",
          "Prénom", "Date de naissance", "Adresse", "Motif(s)", "État", "Référent")


def written(rows):
    """The sheet as a town would send it: UTF-8, semicolons."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow((row.number, row.received.strftime("%d/%m/%Y"), "habitant", "T3",
                         "Dornach", "individuelle", row.last, row.first,
                         row.born.strftime("%d/%m/%Y") if row.born else "", row.address,
                         " / ".join(row.motives), "suivi", "Océane Fischer"))
    return out.getvalue().encode()
