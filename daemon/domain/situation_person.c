/* Persons of a situation: added later than its saisines, corrected wherever they came from. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/intake.h"
#include "domain/record.h"
#include "domain/situation.h"

void authorise_situation_person(struct act *act)
{
    const Ctps__Request *request = act->request;
    bool adds = request->command_case == CTPS__REQUEST__COMMAND_SITUATION_PERSON_ADD;

    situation_load(
        act, adds ? request->situation_person_add->id : request->situation_person_correct->id,
        ACTION_SITUATION_PERSON);
}

/* A sheet taken over as facts only has no key: nobody can be named on it. */
static bool persons_may_change(struct act *act)
{
    if (!situation_is_open(act))
        return false;
    if (act->situation->opened->slot)
        return true;
    act_refuse(act, REFUSAL_STATE_WRONG, "situation");
    return false;
}

/* Where a person of the situation stands, and as what. */
struct place {
    Ctps__SaisineRecord *saisine; /* NULL: added to the situation itself */
    Ctps__StoredPerson *person;
};

static enum sealed_field field_of(const struct place *place)
{
    return place->saisine ? SEALED_PERSON_IDENTITY : SEALED_PERSON_ADDED;
}

static bool place_try(struct place *place, Ctps__SaisineRecord *saisine,
                      Ctps__StoredPerson *const *persons, size_t count,
                      bool (*is_it)(const Ctps__StoredPerson *person, uint64_t id), uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (is_it(persons[i], id)) {
            *place = (struct place){saisine, persons[i]};
            return true;
        }
    return false;
}

/* The first that fits: of the saisines in their order, then of those added. */
static bool place_find(struct act *act, bool (*is_it)(const Ctps__StoredPerson *, uint64_t),
                       uint64_t id, struct place *ret_place)
{
    const Ctps__SituationRecord *situation = act->situation;

    for (size_t i = 0; i < situation->n_saisines; i++) {
        Ctps__SaisineRecord *saisine =
            record_saisine(act->tables, act->arena, situation->saisines[i]);

        if (saisine && place_try(ret_place, saisine, saisine->received->persons,
                                 saisine->received->n_persons, is_it, id))
            return true;
    }
    return place_try(ret_place, NULL, situation->persons, situation->n_persons, is_it, id);
}

static bool has_id(const Ctps__StoredPerson *person, uint64_t id)
{
    return person->id == id;
}

static bool is_concerned(const Ctps__StoredPerson *person, uint64_t but)
{
    return person->id != but && strcmp(or_empty(person->role), "concerned") == 0;
}

/*
 * Age band and sex are facts of an individual situation: those of the first person concerned.
 * `person` is the one being written; *ret_band and *ret_sex stay NULL when nothing is known.
 */
static void facts_of(struct act *act, const Ctps__StoredPerson *person,
                     const Ctps__Identity *identity, const char *sex, char **ret_band,
                     char **ret_sex)
{
    const Ctps__SituationOpened *opened = act->situation->opened;
    struct place first;

    if (strcmp(or_empty(opened->nature), "individuelle") != 0 || !is_concerned(person, 0) ||
        (place_find(act, is_concerned, person->id, &first) && first.person->id < person->id))
        return;
    if (identity && identity->has_birth_day)
        *ret_band = act_text(act, intake_age_band(identity->birth_day, opened->opened_day));
    if (is_given(sex))
        *ret_sex = act_text(act, sex);
}

void situation_facts_of_first(struct act *act, char **ret_band, char **ret_sex)
{
    const Ctps__SituationOpened *opened = act->situation->opened;
    const Ctps__Identity *identity;
    struct place first;

    if (!place_find(act, is_concerned, 0, &first))
        return;
    identity = (const Ctps__Identity *)act_unseal(act, first.person->identity, field_of(&first),
                                                  &ctps__identity__descriptor);
    if (identity && identity->has_birth_day)
        *ret_band = act_text(act, intake_age_band(identity->birth_day, opened->opened_day));
    if (identity && is_given(identity->sex))
        *ret_sex = act_text(act, identity->sex);
}

void decide_situation_person_add(struct act *act)
{
    const Ctps__SituationPersonAdd *in = act->request->situation_person_add;
    Ctps__SituationPersonAdded *out;
    Ctps__SaisineRecord *first = NULL;

    if (!persons_may_change(act) || !check_given(act, in->person != NULL, "person") ||
        !in->person || !check_given(act, in->person->identity != NULL, "person.identity") ||
        !intake_person_check(act, in->person))
        return;
    if (act->situation->n_persons >= SITUATION_PERSONS_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "persons of one situation");
        return;
    }
    out = emit_situation_person_added(act);
    SET(out, situation, act->situation->opened->id);
    out->person = intake_person_seal(act, SEALED_PERSON_ADDED, in->person);
    facts_of(act, out->person, in->person->identity, in->person->sex, &out->age_band,
             &out->sex);
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_PERSON, out->person->id, NULL);
    if (act->situation->n_saisines)
        first = record_saisine(act->tables, act->arena, act->situation->saisines[0]);
    if (first)
        intake_propose_person(act, first, in->person->identity);
}

/* The box is made again only when something in it changes, and under the person's own key. */
static Ctps__Sealed *identity_again(struct act *act, const struct place *place,
                                    const Ctps__Identity *old, const Ctps__Identity *given,
                                    const char *sex)
{
    const Ctps__Identity none = CTPS__IDENTITY__INIT;
    const Ctps__Sealed *box = place->person->identity;

    if (!given && !is_given(sex))
        return place->person->identity;
    if (!given)
        given = old ? old : &none;
    if (!is_given(sex) && old)
        sex = old->sex;
    return intake_identity_seal(act, box ? box->slot : act_take_slot(act), field_of(place),
                                given, sex);
}

/* What is absent stays, what is given empty goes; NULL when nothing is given. */
static Ctps__Identity *identity_merged(struct act *act, const Ctps__Identity *old,
                                       const Ctps__Identity *given)
{
    Ctps__Identity *out;

    if (!given)
        return NULL;
    out = act_alloc(act, sizeof(*out));
    if (old)
        *out = *old;
    else
        ctps__identity__init(out);
    if (given->last_name)
        out->last_name = given->last_name;
    if (given->first_name)
        out->first_name = given->first_name;
    if (given->address)
        out->address = given->address;
    if (given->phone)
        out->phone = given->phone;
    if (given->representatives)
        out->representatives = given->representatives;
    if (given->has_birth_day)
        SET_FROM(out, given, birth_day);
    return out;
}

/* Another name or birth date may be somebody already followed. */
static void corrected_propose(struct act *act, const struct place *place,
                              Ctps__Identity *identity)
{
    const Ctps__SituationRecord *situation = act->situation;
    const Ctps__SaisineRecord *saisine = place->saisine;

    if (!saisine && situation->n_saisines)
        saisine = record_saisine(act->tables, act->arena, situation->saisines[0]);
    if (identity && saisine)
        intake_propose_person(act, saisine, identity);
}

static void corrected_emit(struct act *act, const struct place *place)
{
    const Ctps__SituationPersonCorrect *in = act->request->situation_person_correct;
    Ctps__Identity *old = (Ctps__Identity *)act_unseal(
        act, place->person->identity, field_of(place), &ctps__identity__descriptor);
    Ctps__Identity *merged = identity_merged(act, old, in->identity);
    Ctps__SituationPersonCorrected *out = emit_situation_person_corrected(act);
    Ctps__StoredPerson *person = act_alloc(act, sizeof(*person));

    *person = *place->person;
    if (is_given(in->role))
        person->role = in->role;
    person->identity = identity_again(act, place, old, merged, in->sex);
    SET(out, situation, act->situation->opened->id);
    if (place->saisine)
        SET(out, saisine, place->saisine->received->id);
    out->person = person;
    facts_of(act, person, merged ? merged : old, is_given(in->sex) || !old ? in->sex : old->sex,
             &out->age_band, &out->sex);
    SET(out, by_agent, act->who->id);
    corrected_propose(act, place, merged);
}

void decide_situation_person_correct(struct act *act)
{
    const Ctps__SituationPersonCorrect *in = act->request->situation_person_correct;
    Ctps__Person as_given = CTPS__PERSON__INIT;
    struct place place;

    as_given.identity = in->identity;
    as_given.role = in->role;
    as_given.sex = in->sex;
    if (!persons_may_change(act) ||
        !check_given(act, in->identity || is_given(in->role) || is_given(in->sex),
                     "identity") ||
        !intake_person_check(act, &as_given))
        return;
    if (!place_find(act, has_id, in->person, &place)) {
        act_refuse(act, REFUSAL_ABSENT, "person");
        return;
    }
    corrected_emit(act, &place);
}
