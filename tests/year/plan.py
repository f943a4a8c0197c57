"""What happens in the example year, day by day: the sheets' records lived through, in order.

A plan is {day: [step]}; a step is a function that asks the store. Everything is drawn from one
seeded generator while the plan is made or followed in order, so that two runs ask the same.
"""
import collections
import random

import sheets
from store import Refused

START, END = sheets.day(2026, 1, 1), sheets.day(2027, 3, 31)
REVIEW_MONTHS = {"court": 1, "moyen": 3, "long": 6}
OPEN_STATES = {"suivi", "veille", "bloquee"}
STEPS = ["contact", "entretien", "college", "visite_domicile", "mediation", "courrier"]


class Plan:
    def __init__(self, store, seed):
        self.store, self.rng = store, random.Random(f"plan/{seed}")
        self.lists, self.steps = sheets.Lists(), collections.defaultdict(list)
        self.agents, self.partners, self.contacts = {}, {}, {}
        self.coordinator = {}
        self.counts = collections.Counter()
        self.situations = {}  # number of the sheet -> (situation, territory)

    def at(self, day, step, *words):
        """`step(*words)` on that day, or the next one still ahead."""
        self.steps[max(day, self.store.day)].append((step, words))

    def ask(self, who, **fields):
        self.counts[next(name for name in fields if name not in ("purpose", "purpose_text"))] += 1
        return self.store.ask(who, **fields)

    def follow(self):
        """All days; steps may plan further ones, for the same day too."""
        while self.store.day <= END:
            self.store.night()
            todays = self.steps[self.store.day]
            for step, words in todays:
                step(*words)
            del self.steps[self.store.day]
            self.store.set_day(self.store.day + 1)

    # --- the service is set up ---

    def set_up(self):
        for row in self.lists.values:
            self.ask("operator", list_value_set={
                "list": row["Liste"], "code": row["Code"], "label_fr": row["Libellé"],
                "label_en": row["Label"]})
        for row in sheets.rows("territoires.csv"):
            self.ask("operator", territory_set={
                "code": row["Code"], "name": row["Coordination"],
                "population": int(row["Population"]),
                "districts": [name.strip() for name in row["Quartiers"].split("|")]})
        for row in sheets.rows("agents.csv"):
            self._agent(row)
        for row in sheets.rows("partenaires.csv"):
            self.partners[row["Partenaire"]] = self.ask("operator", partner_set={
                "name": row["Partenaire"], "family": row["Famille"],
                "kind": self.lists.code("type_partenaire", row["Type"]),
                "territories": row["Territoires"].split()}).made[0].id
        for row in sheets.rows("contacts.csv"):
            self._contact(row)
        self.at(sheets.day(2026, 12, 15), self.renew)

    def _agent(self, row, first=None, last=None):
        name = f"{row['Prénom']} {row['Nom']}"
        fields = {
            "last_name": row["Nom"], "first_name": row["Prénom"],
            "function": self.lists.code("fonction", row["Fonction"]),
            "territories": row["Territoires"].split(),
            "fte_centi": round(100 * float(row["ETP"].replace(",", "."))),
            "funder": self.lists.code("financeur", row["Financeur"]), "email": row["Courriel"],
            "habilitation_act": row["Habilitation"],
            "habilitation_from_day": first or sheets.day_of(row["Du"]),
            "habilitation_to_day": last or sheets.day_of(row["Au"])}
        if name in self.agents:
            fields["id"] = self.agents[name]
        made = self.ask("operator", agent_set=fields).made
        if name in self.agents:
            return
        self.agents[name] = made[0].id
        self.store.ask("operator", key_register={
            "public_key": self.store.key(name), "principal": {"kind": 2, "id": made[0].id},
            "label": "office"})
        if fields["function"] == "coordinateur":
            self.coordinator[fields["territories"][0]] = name
        if fields["function"] in ("responsable", "assistante", "dpo"):
            setattr(self, fields["function"], name)

    def _contact(self, row):
        fields = {
            "partner": self.partners[row["Partenaire"]], "last_name": row["Nom"],
            "first_name": row["Prénom"], "function": row["Fonction"], "email": row["Courriel"],
            "phone": row["Téléphone"],
            "notify": {"chaque événement": "each", "résumé quotidien": "digest",
                       "aucune": "none"}[row["Notification"]]}
        signed = sheets.day_of(row["Charte signée le"])
        made = self.ask("operator", contact_set=fields).made[0].id
        self.contacts.setdefault(row["Partenaire"], []).append(made)
        if signed:
            self.at(signed, self.sign, {**fields, "id": made, "charter_day": signed,
                                        "charter_version": row["Charte version"]})

    def sign(self, fields):
        self.ask(self.responsable, contact_set=fields)

    def renew(self):
        """Next year's habilitations."""
        for row in sheets.rows("agents.csv"):
            self._agent(row, sheets.day(2026, 1, 1), sheets.day(2027, 12, 31))

    # --- saisines ---

    def take_up(self):
        for row in sheets.tracked():
            self.at(sheets.day_of(row["Date saisine"]), self.receive, row)

    def receive(self, row):
        lead = self.lead_of(row)
        typist = self.assistante if self.rng.random() < 0.3 else lead
        fields = {
            "received_day": sheets.day_of(row["Date saisine"]),
            "origin": self.lists.code("origine", row["Origine"]),
            "territory": row["Territoire"], "district": row["Quartier"],
            "nature": self.lists.code("nature", row["Nature"]),
            "motives": self.lists.codes("motif", row["Motif(s)"]),
            "urgency": self.lists.code("urgence", row["Urgence"]), "channel": "telephone",
            "place": row["Adresse"], "text": row["Observations"]}
        if row["Saisissant"] in self.partners:
            fields["referrer_partner"] = self.partners[row["Saisissant"]]
        elif row["Saisissant"]:
            fields["referrer"] = row["Saisissant"]
        if row["Nom"]:
            identity = {"last_name": row["Nom"], "first_name": row["Prénom"],
                        "address": row["Adresse"]}
            if row["Date de naissance"]:
                identity["birth_day"] = sheets.day_of(row["Date de naissance"])
            fields["persons"] = [{"identity": identity, "role": "concerned",
                                  "sex": row["Sexe"]}]
        saisine = self.ask(typist, saisine_receive=fields).made[0].id
        self.at(self.store.day + self.rng.randrange(7), self.accept, row, saisine)

    def lead_of(self, row):
        return row["Référent"] if row["Référent"] in self.agents else \
            self.coordinator[row["Territoire"]]

    def accept(self, row, saisine):
        made = self.ask(self.lead_of(row), saisine_accept={
            "id": saisine, "title": f"Fiche {row['N° fiche']}",
            "term": self.lists.code("terme", row["Terme"])}).made[0]
        number = row["N° fiche"]
        self.situations[number] = (made.id, row["Territoire"])
        closed = sheets.day_of(row["Date clôture"])
        self.at(self.store.day + 2, self.qualify, row)
        for _ in range(self.rng.randrange(4)):
            self.at(self.store.day + self.rng.randrange(1, 60), self.work, row)
        self.at(self.review_day(row, self.store.day), self.review, row)
        if closed:
            self.at(closed, self.close, row)

    def is_open(self, row):
        return row["N° fiche"] in self.situations and not row.get("over")

    # --- situations ---

    def qualify(self, row):
        """Into the state the sheet ends in, if it is followed at all."""
        state = self.lists.code("etat", row["État"])
        if state not in OPEN_STATES:
            state = "suivi" if state == "close" else ""
        if not state or not self.is_open(row):
            return
        fields = {"id": self.situations[row["N° fiche"]][0], "status": state}
        if state == "veille":
            fields["watch_until_day"] = self.store.day + 60
        if state == "bloquee":
            fields["blocked_what"] = "attend une réponse"
            fields["blocked_by"] = self.rng.choice(sorted(self.partners.values()))
        self.ask(self.lead_of(row), situation_set_status=fields)

    def work(self, row):
        if not self.is_open(row):
            return
        self.ask(self.lead_of(row), situation_add_entry={
            "id": self.situations[row["N° fiche"]][0], "kind": self.rng.choice(STEPS),
            "day": self.store.day, "result": "realisee",
            "text": f"vu le jour {self.store.day} avec {row['Nom'] or 'les habitants'}"})

    def review_day(self, row, day):
        return sheets.add_months(day, REVIEW_MONTHS.get(
            self.lists.code("terme", row["Terme"]), 3))

    def review(self, row):
        if not self.is_open(row):
            return
        self.ask(self.lead_of(row), situation_review={
            "id": self.situations[row["N° fiche"]][0], "day": self.store.day,
            "evolution": self.lists.code("evolution", row["Évolution"]) or "inconnue"})
        self.at(self.review_day(row, self.store.day), self.review, row)

    def close(self, row):
        situation, territory = self.situations[row["N° fiche"]]
        self.ask(self.coordinator[territory], situation_close={
            "id": situation, "day": self.store.day, "result": "realisee",
            "motive": self.lists.code("cloture", row["Motif clôture"]) or "sans_suite"})
        row["over"] = True

    # --- duplicates: asked of a human, here of the script ---

    def duplicates(self):
        """The pairs proposed, as the head sees them."""
        return self.ask(self.responsable, duplicate_list={"limit": 1000}).duplicate_answer

    def try_or_note(self, step, *words):
        """A step another's act may have made impossible: counted by the refusal's name."""
        try:
            step(*words)
        except Refused as refusal:
            self.counts[f"refused {refusal.name}"] += 1
