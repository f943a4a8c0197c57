"""The example town's spreadsheets as a human reads them: rows with codes and civil days."""
import csv
import datetime
import pathlib
import re
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tools" / "example" / "mulhouse"
EPOCH = datetime.date(1970, 1, 1)


def day_of(text):
    """Civil day of dd/mm/yyyy; None when empty."""
    if not text:
        return None
    day, month, year = map(int, text.split("/"))
    return (datetime.date(year, month, day) - EPOCH).days


def day(year, month, number):
    return (datetime.date(year, month, number) - EPOCH).days


def add_months(start, months):
    """The civil rule: the last day of a shorter month."""
    date = EPOCH + datetime.timedelta(days=start)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    first = datetime.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first - datetime.timedelta(days=1)).day
    return (datetime.date(year, month + 1, min(date.day, last)) - EPOCH).days


def is_working(number):
    return (number + 3) % 7 < 5  # 1970-01-01 was a Thursday


def rows(name):
    with open(FOLDER / name, encoding="cp1252", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def folded(text):
    apart = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold().strip()


class Lists:
    """Codes of the closed lists by their French label."""

    def __init__(self):
        self.values = rows("listes.csv")
        self.by_label = {(row["Liste"], folded(row["Libellé"])): row["Code"]
                         for row in self.values}

    def code(self, name, label):
        return self.by_label[name, folded(label)] if label else ""

    def codes(self, name, text, separator=" / "):
        return [self.code(name, label) for label in text.split(separator)]


def refused_records():
    """The numbers attendu.txt says an import must refuse, and the record among two that does."""
    text = (FOLDER / "attendu.txt").read_text("utf-8")
    return set(re.findall(r"^refus (\d+):", text, re.M))


def tracked():
    """The records of the tracking table that stand, in order of date then number."""
    refused, seen, kept = refused_records(), set(), []
    for row in rows("tableau-de-suivi-2026.csv"):
        number = row["N° fiche"]
        twice = number in seen
        seen.add(number)
        if number in refused and (twice or number > "413"):
            continue
        kept.append(row)
    return sorted(kept, key=lambda row: (day_of(row["Date saisine"]), row["N° fiche"]))
