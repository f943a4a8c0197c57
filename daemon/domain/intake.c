#include "domain/intake.h"

#include "base/civil.h"
#include "domain/check.h"
#include "domain/record.h"

enum { HITS_MAX = 16, NAME_LEN_MAX = 512 };

const char *intake_age_band(int32_t birth_day, int32_t on_day)
{
    int age = civil_age_years(birth_day, on_day);

    if (age < 12)
        return "lt12";
    if (age < 16)
        return "12-15";
    if (age < 18)
        return "16-17";
    return age <= 25 ? "18-25" : "gt25";
}

bool intake_is_minor(const char *age_band)
{
    const char *band = or_empty(age_band);

    return strcmp(band, "lt12") == 0 || strcmp(band, "12-15") == 0 ||
           strcmp(band, "16-17") == 0;
}

static bool role_is_known(const char *role)
{
    static const char *const roles[] = {"concerned", "victim", "witness", "relative"};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(role, roles[i]) == 0)
            return true;
    return false;
}

bool intake_person_check(struct act *act, const Ctps__Person *person)
{
    if (is_given(person->role) && !role_is_known(person->role)) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "persons.role");
        return false;
    }
    if (is_given(person->sex) && strcmp(person->sex, "F") != 0 &&
        strcmp(person->sex, "M") != 0) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "persons.sex");
        return false;
    }
    if (!person->identity || !person->identity->has_birth_day)
        return true;
    return check_day_past(act, true, person->identity->birth_day, "persons.birth_day");
}

static bool motives_check(struct act *act, const Ctps__SaisineReceive *in)
{
    if (!check_given(act, in->n_motives > 0, "motives"))
        return false;
    for (size_t i = 0; i < in->n_motives; i++)
        if (!check_list(act, "motif", in->motives[i], "motives"))
            return false;
    return true;
}

bool intake_check(struct act *act, const Ctps__SaisineReceive *in)
{
    if (!check_day_past(act, in->has_received_day, in->received_day, "received_day") ||
        !check_list(act, "origine", in->origin, "origin") ||
        !check_territory(act, in->territory) ||
        !check_district(act, in->territory, in->district) ||
        !check_list(act, "nature", in->nature, "nature") || !motives_check(act, in) ||
        !check_list_optional(act, "canal", in->channel, "channel") ||
        !check_list_optional(act, "urgence", in->urgency, "urgency") ||
        !check_partner(act, in->referrer_partner, "referrer_partner"))
        return false;
    for (size_t i = 0; i < in->n_persons; i++)
        if (!intake_person_check(act, in->persons[i]))
            return false;
    return true;
}

char *intake_number(struct act *act, const char *prefix, const char *territory, int32_t day,
                    uint32_t *ret_ordinal)
{
    int year = civil_date_of(day).year;
    char *series = arena_printf(act->arena, "%s%s-%04d", prefix, territory, year);

    if (!series) {
        act->exhausted = true;
        return act_text(act, "");
    }
    *ret_ordinal = (uint32_t)record_counter(act->tables, act->arena, series) + 1;
    return arena_printf(act->arena, "%s-%04u", series, *ret_ordinal);
}

static const Ctps__Person *person_of_facts(const Ctps__SaisineReceive *in)
{
    for (size_t i = 0; i < in->n_persons; i++)
        if (!is_given(in->persons[i]->role) || strcmp(in->persons[i]->role, "concerned") == 0)
            return in->persons[i];
    return NULL;
}

/* Age band and sex are facts of individual saisines only. */
static void facts_of_person(struct act *act, const Ctps__SaisineReceive *in,
                            Ctps__SaisineReceived *out)
{
    const Ctps__Person *person = person_of_facts(in);

    if (!person || strcmp(or_empty(in->nature), "individuelle") != 0)
        return;
    if (person->identity && person->identity->has_birth_day)
        out->age_band =
            act_text(act, intake_age_band(person->identity->birth_day, in->received_day));
    out->sex = is_given(person->sex) ? person->sex : NULL;
}

Ctps__Sealed *intake_identity_seal(struct act *act, uint64_t slot, enum sealed_field field,
                                   const Ctps__Identity *identity, const char *sex)
{
    Ctps__Identity content = *identity;

    content.sex = is_given(sex) ? act_text(act, sex) : NULL;
    return act_seal(act, slot, field, &content.base);
}

Ctps__StoredPerson *intake_person_seal(struct act *act, enum sealed_field field,
                                       const Ctps__Person *in)
{
    Ctps__StoredPerson *out = act_alloc(act, sizeof(*out));

    ctps__stored_person__init(out);
    SET(out, id, act_new_id(act));
    out->role = act_text(act, is_given(in->role) ? in->role : "concerned");
    if (in->identity)
        out->identity =
            intake_identity_seal(act, act_take_slot(act), field, in->identity, in->sex);
    return out;
}

static void persons_seal(struct act *act, const Ctps__SaisineReceive *in,
                         Ctps__SaisineReceived *out)
{
    if (in->n_persons == 0)
        return;
    out->persons = act_alloc(act, in->n_persons * sizeof(Ctps__StoredPerson *));
    if (!out->persons)
        return;
    for (size_t i = 0; i < in->n_persons; i++)
        out->persons[i] = intake_person_seal(act, SEALED_PERSON_IDENTITY, in->persons[i]);
    out->n_persons = in->n_persons;
}

static void nominative_seal(struct act *act, const Ctps__SaisineReceive *in,
                            Ctps__SaisineReceived *out)
{
    Ctps__SaisineContent content = CTPS__SAISINE_CONTENT__INIT;

    content.referrer = in->referrer;
    content.text = in->text;
    content.place = in->place;
    SET(out, slot, act_take_slot(act));
    out->content = act_seal(act, out->slot, SEALED_SAISINE_CONTENT, &content.base);
    persons_seal(act, in, out);
}

struct propose {
    struct act *act;
    uint64_t saisine;
    uint64_t situation; /* 0: of none yet */
    size_t found;       /* pairs proposed */
    size_t count;
    uint64_t seen[HITS_MAX];
};

static bool was_seen(const struct propose *propose, uint64_t saisine)
{
    for (size_t i = 0; i < propose->count; i++)
        if (propose->seen[i] == saisine)
            return true;
    return propose->count == HITS_MAX;
}

/* Somebody added to a situation later stands for its first saisine. */
static uint64_t saisine_of_hit(struct act *act, uint64_t id)
{
    Ctps__SituationRecord *situation = record_situation(act->tables, act->arena, id);

    return situation && situation->n_saisines ? situation->saisines[0] : id;
}

static bool is_same_situation(const struct propose *propose, uint64_t saisine)
{
    Ctps__SaisineRecord *row;

    if (!propose->situation)
        return false;
    row = record_saisine(propose->act->tables, propose->act->arena, saisine);
    return row && row->situation == propose->situation;
}

static void pair_propose(struct propose *propose, const struct name_hit *hit)
{
    struct act *act = propose->act;
    uint64_t other = saisine_of_hit(act, hit->saisine);
    Ctps__DuplicateProposed *pair;

    if (other == propose->saisine || was_seen(propose, other) ||
        is_same_situation(propose, other))
        return;
    propose->seen[propose->count++] = other;
    if (record_exists(act->tables, TABLE_DUPLICATE, table_key_of_two(other, propose->saisine)))
        return;
    pair = emit_duplicate_proposed(act);
    SET(pair, a, other < propose->saisine ? other : propose->saisine);
    SET(pair, b, other < propose->saisine ? propose->saisine : other);
    pair->rule = act_text(act, hit->by_address ? "address" : "name");
    SET(pair, day, act->today);
    propose->found++;
}

static void subject_propose(void *arg, const struct name_subject *subject)
{
    struct propose *propose = arg;
    struct name_hit hits[HITS_MAX];
    const struct names *names = propose->act->names;
    size_t count = names->find_duplicates(names->ctx, subject, hits, HITS_MAX);

    for (size_t i = 0; i < count; i++)
        pair_propose(propose, &hits[i]);
}

/* Whoever may read pairs learns at once that there is one; a sheet taken over is told apart. */
static void found_tell(const struct propose *propose, const char *territory)
{
    struct act *act = propose->act;
    struct resource resource = resource_of_territory(act, territory);
    struct judgement judgement = {0};

    if (propose->found && act->request->command_case != CTPS__REQUEST__COMMAND_IMPORT_ROW &&
        act_may(act, ACTION_DUPLICATE_LIST, &resource, &judgement))
        act_warn(act, "duplicate_proposed");
}

static void name_join(char *out, const Ctps__Identity *identity)
{
    size_t used = 0;
    const char *parts[] = {or_empty(identity->last_name), " ", or_empty(identity->first_name)};

    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(parts[i]);

        if (used + len >= NAME_LEN_MAX)
            len = NAME_LEN_MAX - 1 - used;
        memcpy(out + used, parts[i], len);
        used += len;
    }
    out[used] = '\0';
}

void intake_subjects(const Ctps__SaisineReceived *received, const Ctps__SaisineContent *content,
                     Ctps__Identity *const *identities, size_t identity_count,
                     void (*each)(void *arg, const struct name_subject *subject), void *arg)
{
    char name[NAME_LEN_MAX];
    struct name_subject subject = {
        .saisine = received->id,
        .motives = received->motives,
        .motive_count = received->n_motives,
        .received_day = received->received_day,
    };

    for (size_t i = 0; i < identity_count; i++) {
        if (!identities[i])
            continue;
        name_join(name, identities[i]);
        subject.name = strcmp(name, " ") == 0 ? "" : name;
        subject.has_birth_day = identities[i]->has_birth_day;
        subject.birth_day = identities[i]->birth_day;
        subject.address = or_empty(identities[i]->address);
        if (*subject.name || *subject.address)
            each(arg, &subject);
    }
    explicit_bzero(name, sizeof(name));
    if (!content || !is_given(content->place))
        return;
    subject.name = "";
    subject.has_birth_day = false;
    subject.address = content->place;
    each(arg, &subject);
}

static void duplicates_propose(struct act *act, const Ctps__SaisineReceive *in,
                               const Ctps__SaisineReceived *out)
{
    struct propose propose = {.act = act, .saisine = out->id};
    Ctps__SaisineContent content = CTPS__SAISINE_CONTENT__INIT;
    Ctps__Identity **identities =
        act_alloc(act, (in->n_persons + 1) * sizeof(Ctps__Identity *));

    if (!identities)
        return;
    for (size_t i = 0; i < in->n_persons; i++)
        identities[i] = in->persons[i]->identity;
    content.place = in->place;
    intake_subjects(out, &content, identities, in->n_persons, subject_propose, &propose);
    found_tell(&propose, out->territory);
}

void intake_propose_person(struct act *act, const Ctps__SaisineRecord *saisine,
                           Ctps__Identity *identity)
{
    struct propose propose = {
        .act = act,
        .saisine = saisine->received->id,
        .situation = saisine->situation,
    };

    intake_subjects(saisine->received, NULL, &identity, 1, subject_propose, &propose);
    found_tell(&propose,
               act->situation ? act->situation->territory : saisine->received->territory);
}

Ctps__SaisineReceived *intake_emit(struct act *act, const Ctps__SaisineReceive *in,
                                   const struct intake *intake)
{
    Ctps__SaisineReceived *out = emit_saisine_received(act);
    uint32_t ordinal = 0;

    SET(out, id, act_new_id(act));
    out->number = intake_number(act, "AR-", in->territory, in->received_day, &ordinal);
    SET(out, number_ordinal, ordinal);
    SET_FROM(out, in, received_day);
    out->channel = act_text(act, is_given(in->channel) ? in->channel : "inconnu");
    out->origin = in->origin;
    SET_FROM(out, in, referrer_partner);
    out->territory = in->territory;
    out->district = in->district;
    out->nature = in->nature;
    out->n_motives = in->n_motives;
    out->motives = in->motives;
    out->urgency = act_text(act, is_given(in->urgency) ? in->urgency : "courante");
    SET(out, typed_by, intake->typed_by);
    SET(out, typed_us, act->now_us);
    facts_of_person(act, in, out);
    if (intake->facts_only)
        SET(out, facts_only, 1);
    else
        nominative_seal(act, in, out);
    duplicates_propose(act, in, out);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SAISINE, out->id, out->number);
    return act->refusal == REFUSAL_NONE ? out : NULL;
}

int32_t opening_next_review(const struct settings *settings, const char *term, int32_t from_day)
{
    int months = settings->review_months_medium;

    if (strcmp(or_empty(term), "court") == 0)
        months = settings->review_months_short;
    else if (strcmp(or_empty(term), "long") == 0)
        months = settings->review_months_long;
    return civil_add_months(from_day, months);
}

static void opening_seal(struct act *act, const struct opening *opening,
                         Ctps__SituationOpened *out)
{
    Ctps__SituationContent content = CTPS__SITUATION_CONTENT__INIT;

    content.title = is_given(opening->title) ? act_text(act, opening->title) : NULL;
    SET(out, slot, act_take_slot(act));
    out->content = act_seal(act, out->slot, SEALED_SITUATION_CONTENT, &content.base);
}

Ctps__SituationOpened *opening_emit(struct act *act, const Ctps__SaisineReceived *saisine,
                                    const struct opening *opening)
{
    Ctps__SituationOpened *out = emit_situation_opened(act);
    uint32_t ordinal = 0;

    SET(out, id, act_new_id(act));
    out->reference = intake_number(act, "", saisine->territory, opening->opened_day, &ordinal);
    SET(out, reference_ordinal, ordinal);
    out->territory = saisine->territory;
    out->district = saisine->district;
    out->nature = saisine->nature;
    out->n_motives = saisine->n_motives;
    out->motives = saisine->motives;
    out->origin = saisine->origin;
    out->urgency = saisine->urgency;
    out->term = act_text(act, is_given(opening->term) ? opening->term : "moyen");
    SET(out, opened_day, opening->opened_day);
    SET(out, lead_agent, opening->lead_agent);
    out->age_band = saisine->age_band;
    out->sex = saisine->sex;
    out->status = act_text(act, opening->status);
    out->warnings = opening->warnings;
    out->n_warnings = opening->warning_count;
    if (opening->has_next_review_day)
        SET(out, next_review_day, opening->next_review_day);
    if (opening->facts_only)
        SET(out, facts_only, 1);
    else
        opening_seal(act, opening, out);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SITUATION, out->id, out->reference);
    return act->refusal == REFUSAL_NONE ? out : NULL;
}
