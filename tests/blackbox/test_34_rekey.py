"""A part of a situation destroyed, the rest sealed again; certificates of what was destroyed."""
from acts import close, do, figures, open_situation, person, refused, show
from test_11_events import collect, head
from test_05_situation_end import erase


def opened(town, **changes):
    """A situation with two persons and two entries: (id, reference, view)."""
    anna = town.client("anna")
    situation, reference, _ = open_situation(
        anna, town, persons=[person("Durand", "Léa"), person("Temoincanari", "Zoé",
                                                             role="witness")], **changes)
    for text in ("garder ceci", "entreecanari a oublier"):
        do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today,
                                          text=text))
    return situation, reference, show(anna, nominative=True, id=situation)


def rekey(client, situation, **drops):
    return do(client, situation_rekey=dict(id=situation, reason="droits", **drops))


def witness_of(view):
    return next(one.id for one in view.persons if one.role == "witness")


def entry_of(view, word):
    return next(entry.id for entry in view.entries if word in entry.text)


def test_what_stays_is_read_and_what_goes_is_gone(town):
    start, anna = head(town).number, town.client("anna")
    situation, _, view = opened(town)
    rekey(anna, situation, drop_persons=[witness_of(view)],
          drop_entries=[entry_of(view, "oublier")])
    after = show(anna, nominative=True, id=situation)
    assert after.title == view.title and after.text == view.text
    assert [entry.text for entry in after.entries] == ["", "garder ceci"]
    assert [one.identity.last_name for one in after.persons] == ["Durand", ""]
    assert not do(anna, name_search=dict(name="Temoincanari Zoé")).search_answer.situations
    assert do(anna, name_search=dict(name="Durand Léa")).search_answer.situations
    topics = [event.topic for event in collect(town, "erasure.done", after=start)]
    assert topics[-3:] == ["situation.rekeyed", "erasure.ordered", "erasure.done"]
    again = show(anna, nominative=True, id=situation)
    assert again == after
    assert int(figures(town.operator)["ledger.erased"]) == 2


def test_dropped_is_gone_over_a_crash_and_a_rebuild(town):
    anna = town.client("anna")
    situation, _, view = opened(town)
    rekey(anna, situation, drop_persons=[witness_of(view)])
    collect(town, "erasure.done")
    town.crash()
    expected = show(anna, nominative=True, id=situation)
    assert [one.identity.last_name for one in expected.persons] == ["Durand", ""]
    assert town.stop() == 0
    town.ctps("store", "check")
    town.ctps("store", "rebuild")
    town.start()
    assert show(anna, nominative=True, id=situation) == expected


def test_killed_between_order_and_destruction_it_is_redone(town):
    town.stop()
    town.configure('rules = { erase_interval = "7 d"; };\n')
    town.start()
    anna = town.client("anna")
    situation, _, view = opened(town)
    rekey(anna, situation)
    collect(town, "erasure.done")
    start = head(town).number
    rekey(anna, situation, drop_entries=[entry_of(view, "oublier")])
    certificate = do(anna, erasure_certificate=dict(situation=situation))
    assert [one.done for one in certificate.certificate_answer.certificates] == [True, False]
    town.crash()
    collect(town, "erasure.done", after=start)
    assert [entry.text for entry in show(anna, nominative=True, id=situation).entries] == [
        "", "garder ceci"]


def test_texts_of_a_saisine_can_go_alone(town):
    anna = town.client("anna")
    situation, _, saisine = open_situation(anna, town, text="saisinecanari")
    rekey(anna, situation, drop_entries=[saisine])
    assert not do(anna, saisine_get=dict(id=saisine, nominative=True)
                  ).saisine_answer.saisines[0].text
    assert show(anna, nominative=True, id=situation).persons[0].identity.last_name == "Durand"


def test_rekey_refusals(town):
    anna = town.client("anna")
    situation, _, view = opened(town)
    asked = dict(id=situation, reason="droits")
    assert refused(anna, situation_rekey=dict(id=situation)) == ("field_missing", "reason")
    assert refused(anna, situation_rekey=dict(asked, drop_persons=[42])) == (
        "absent", "drop_persons")
    assert refused(anna, situation_rekey=dict(asked, drop_entries=[witness_of(view)])) == (
        "absent", "drop_entries")
    for name in ("emile", "chloe", "diane", "admin", "audrey"):
        assert refused(town.client(name), situation_rekey=asked)[0] == "not_allowed"
    assert refused(town.client("bruno"), situation_rekey=asked)[0] == "other_territory"
    do(anna, situation_restrict=dict(id=situation, reason="contestation"))
    assert refused(anna, situation_rekey=asked)[0] == "restricted"


def test_erased_is_not_sealed_again(town):
    anna = town.client("anna")
    situation, *_ = opened(town)
    close(anna, town, situation)
    rekey(anna, situation)
    erase(town, situation)
    assert refused(anna, situation_rekey=dict(id=situation, reason="droits")) == (
        "erased", "situation")


def test_certificate_tells_numbers_and_days_and_nothing_else(town):
    anna = town.client("anna")
    situation, reference, _ = opened(town)
    assert refused(anna, erasure_certificate=dict(situation=situation)) == (
        "absent", "certificate")
    close(anna, town, situation)
    erase(town, situation)
    for name in ("anna", "emile", "helene", "diane"):
        reply = do(town.client(name), erasure_certificate=dict(situation=situation))
        one, = reply.certificate_answer.certificates
        assert (one.subjects[0].reference, one.done, one.reason) == (reference, True, "droits")
        assert one.ordered_day == one.done_day == town.today
        assert one.key_count == 4 and one.epoch == 2  # situation, saisine, two persons
        assert one.by_agent == town.agents["helene"]
        assert one.backups_gone_day == town.today + 30
        assert b"canari" not in reply.SerializeToString().lower()
    order = one.order
    assert do(town.client("helene"), erasure_certificate=dict(order=order)
              ).certificate_answer.certificates[0].order == order
    assert refused(anna, erasure_certificate=dict(order=order))[0] == "other_territory"
    for name in ("chloe", "admin", "audrey"):
        assert refused(town.client(name), erasure_certificate=dict(
            situation=situation))[0] == "not_allowed"
    assert refused(anna, erasure_certificate=dict()) == ("field_missing", "situation")


def test_certificate_of_a_part_says_so(town):
    anna = town.client("anna")
    situation, reference, view = opened(town)
    rekey(anna, situation, drop_persons=[witness_of(view)])
    collect(town, "erasure.done")
    one, = do(anna, erasure_certificate=dict(situation=situation)
              ).certificate_answer.certificates
    assert one.done and one.key_count == 2
    assert [(part.reference, part.part) for part in one.subjects] == [(reference, True)]
    assert not show(anna, id=situation).erased


def test_recipients_of_shares_are_told_of_a_dropped_part(town):
    anna = town.client("anna")
    situation, _, view = opened(town)
    shared = do(anna, share_record=dict(
        situation=situation, identity=True, agents=[town.agents["bruno"]], legal_base="L132-5",
        purpose="suivi", purpose_text="groupe", expiry_day=town.today + 30)).made[0].id
    start = head(town).number
    rekey(anna, situation, drop_persons=[witness_of(view)])
    event = collect(town, "information.rectified", after=start)[-1]
    assert (event.notice.id, event.notice.other) == (shared, situation)


# --- the command line ---

def paper(town, who, *words, check=True):
    """Runs the command line as somebody."""
    path = town.dir / f"{who}.key"
    if not path.exists():
        town.keys[who].write(path)
    return town.ctps(*words, "--as", str(path), check=check)


def test_rekey_and_certificate_from_the_command_line(town):
    anna = town.client("anna")
    situation, reference, view = opened(town)
    paper(town, "anna", "situation", "rekey", reference, "--drop-person",
          str(witness_of(view)), "--reason", "droits", "--yes")
    collect(town, "erasure.done")
    assert show(anna, nominative=True, id=situation).persons[1].identity.last_name == ""
    close(anna, town, situation)
    erase(town, situation)
    page = town.dir / "certificat.html"
    paper(town, "helene", "situation", "certificate", reference, "--output", str(page))
    printed = page.read_text()
    assert printed.count(reference) == 2 and "une partie" in printed
    assert "clés seront détruites" in printed and "Ces clés ont été détruites" not in printed
    assert "canari" not in printed.lower() and page.stat().st_mode & 0o777 == 0o600
    assert paper(town, "chloe", "situation", "certificate", reference, "--output",
                 str(page) + "2", check=False).returncode == 77


def test_restriction_from_the_command_line(town):
    situation, reference, _ = opened(town)
    anna = town.client("anna")
    paper(town, "anna", "situation", "restrict", reference, "--reason", "contestation")
    assert show(anna, id=situation).restricted
    assert "contestation" in paper(town, "anna", "situation", "show", reference, "--names",
                                   "--purpose", "droits").stdout
    paper(town, "anna", "situation", "lift", reference, "--reason", "close")
    assert not show(anna, id=situation).restricted


def test_recipients_of_shares_are_told_of_a_text_rectified(town):
    anna = town.client("anna")
    situation, _, view = opened(town)
    shared = do(anna, share_record=dict(
        situation=situation, summary=True, agents=[town.agents["bruno"]], legal_base="L132-5",
        purpose="suivi", purpose_text="groupe", expiry_day=town.today + 30)).made[0].id
    start = head(town).number
    do(anna, situation_update=dict(id=situation, term="court"))
    do(anna, situation_update=dict(id=situation, text="Rectifié à sa demande."))
    heard = collect(town, "information.rectified", after=start)
    assert [event.topic for event in heard if event.topic.startswith("situation")] == [
        "situation.updated"] * 2
    assert (heard[-1].notice.id, heard[-1].notice.other) == (shared, situation)
