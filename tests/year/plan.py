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
        self.agents, self.partners = {}, {}
        self.coordinator = {}
        self.done = collections.Counter()  # commands that were done
        self.counts = collections.Counter()  # refusals, by name
        self.situations = {}  # number of the sheet -> (situation, territory)
        self.followed = {}  # number of the sheet -> its row, while it is followed
        self.working, self.people, self.districts = {}, [], {}
        self.keyed = set()  # contacts who have a key
        self.substitutes = {}  # territory -> (first day, last day, name)

    def at(self, day, step, *words):
        """`step(*words)` on that day, or the next one still ahead."""
        self.steps[max(day, self.store.day)].append((step, words))

    def ask(self, who, **fields):
        reply = self.store.ask(who, **fields)
        self.done[next(name for name in fields if name not in ("purpose", "purpose_text"))] += 1
        return reply

    def tried(self, who, **fields):
        """The reply, or None when the rules say no: counted by the refusal's name."""
        try:
            return self.ask(who, **fields)
        except Refused as refusal:
            self.counts[f"refused {refusal.name}"] += 1
            return None

    def acting(self, territory):
        """Who coordinates the territory today."""
        first, last, name = self.substitutes.get(territory, (1, 0, ""))
        return name if first <= self.store.day <= last else self.coordinator[territory]

    def key_of_contact(self, contact):
        """A key of the contact, made when first needed."""
        name = f"contact {contact}"
        if contact not in self.keyed:
            self.keyed.add(contact)
            self.store.ask("operator", key_register={
                "public_key": self.store.key(name), "principal": {"kind": 3, "id": contact},
                "label": "partner"})
        return name

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
            self.districts[row["Code"]] = [name.strip() for name in row["Quartiers"].split("|")]
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

    def _agent(self, row):
        name = f"{row['Prénom']} {row['Nom']}"
        fields = {
            "last_name": row["Nom"], "first_name": row["Prénom"],
            "function": self.lists.code("fonction", row["Fonction"]),
            "territories": row["Territoires"].split(),
            "fte_centi": round(100 * float(row["ETP"].replace(",", "."))),
            "funder": self.lists.code("financeur", row["Financeur"]), "email": row["Courriel"],
            "habilitation_act": row["Habilitation"],
            "habilitation_from_day": sheets.day_of(row["Du"]),
            "habilitation_to_day": sheets.day_of(row["Au"])}
        made = self.ask("operator", agent_set=fields).made
        self.agents[name] = made[0].id
        self.store.ask("operator", key_register={
            "public_key": self.store.key(name), "principal": {"kind": 2, "id": made[0].id},
            "label": "office"})
        if fields["function"] in ("coordinateur", "educateur"):
            self.working[name] = fields["territories"]
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
        where = next(partner["Territoires"].split() for partner in sheets.rows("partenaires.csv")
                     if partner["Partenaire"] == row["Partenaire"])
        self.people.append((made, where, signed))
        if signed:
            self.at(signed, self.sign, {"contact": made, "day": signed,
                                        "version": row["Charte version"]})

    def sign(self, fields):
        self.ask(self.responsable, charter_sign=fields)

    def renew(self):
        """Next year's habilitations."""
        for name, agent in self.agents.items():
            self.ask(self.responsable, habilitation_grant={
                "agent": agent, "act": f"ARR-2027-{len(name):03}",
                "from_day": sheets.day(2027, 1, 1), "to_day": sheets.day(2027, 12, 31)})

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
        number = row["N° fiche"]
        territory = self.situations[number][1] if number in self.situations else \
            row["Territoire"]
        away = self.acting(territory) != self.coordinator[territory]
        if row["Référent"] in self.agents and not away:
            return row["Référent"]
        return self.acting(territory)

    def accept(self, row, saisine):
        reply = self.tried(self.lead_of(row), saisine_accept={
            "id": saisine, "title": f"Fiche {row['N° fiche']}",
            "term": self.lists.code("terme", row["Terme"])})
        if not reply:
            return  # attached meanwhile: decided to be one with an older one
        made = reply.made[0]
        number = row["N° fiche"]
        self.situations[number] = (made.id, row["Territoire"])
        self.followed[number] = row
        closed = sheets.day_of(row["Date clôture"])
        self.at(self.store.day + 2, self.qualify, row)
        for _ in range(self.rng.randrange(4)):
            self.at(self.store.day + self.rng.randrange(1, 60), self.work, row)
        self.at(self.review_day(row, self.store.day), self.review, row)
        if closed:
            self.at(closed, self.close, row)

    def is_open(self, row):
        return row["N° fiche"] in self.followed

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
        self.tried(self.lead_of(row), situation_set_status=fields)

    def work(self, row):
        if not self.is_open(row):
            return
        self.tried(self.lead_of(row), situation_add_entry={
            "id": self.situations[row["N° fiche"]][0], "kind": self.rng.choice(STEPS),
            "day": self.store.day, "result": "realisee",
            "text": f"vu le jour {self.store.day} avec {row['Nom'] or 'les habitants'}"})

    def review_day(self, row, day):
        return sheets.add_months(day, REVIEW_MONTHS.get(
            self.lists.code("terme", row["Terme"]), 3))

    def review(self, row):
        if not self.is_open(row):
            return
        self.tried(self.lead_of(row), situation_review={
            "id": self.situations[row["N° fiche"]][0], "day": self.store.day,
            "evolution": self.lists.code("evolution", row["Évolution"]) or "inconnue"})
        self.at(self.review_day(row, self.store.day), self.review, row)

    def close(self, row):
        situation, territory = self.situations[row["N° fiche"]]
        self.tried(self.acting(territory), situation_close={
            "id": situation, "day": self.store.day, "result": "realisee",
            "motive": self.lists.code("cloture", row["Motif clôture"]) or "sans_suite"})
        self.followed.pop(row["N° fiche"], None)

    # --- duplicates: asked of a human, here of the script ---

    def duplicates(self):
        """The pairs proposed, as the head sees them."""
        return self.ask(self.responsable, duplicate_list={"limit": 1000}).duplicate_answer
