#include "import_rows.h"

#include "text/fold.h"

#include <stdlib.h>
#include <string.h>

enum {
    TEXT_POINTS_MAX = 500,
    NUMBER_LEN_MAX = 32,
    /* characters, as daemon/wire/limits.c has them */
    NAME_POINTS_MAX = 80,
    PHONE_POINTS_MAX = 40,
    LINE_POINTS_MAX = 200,
    MOTIVES_MAX = 8,
};

struct builder {
    struct cli *cli;
    struct arena *arena;
    const struct import_map *map;
    const struct import_record *record;
    struct import_fault fault;
    unsigned warnings;
    bool failed; /* out of memory */
};

static const char *cell(const struct builder *b, enum import_field field)
{
    return import_cell(b->map, b->record, field);
}

static bool fail(struct builder *b, enum import_cause cause, enum import_field field,
                 const char *value)
{
    const struct import_field_row *row = import_field_row(b->map->kind, field);

    b->fault = (struct import_fault){
        .cause = cause, .field = field, .value = row && row->nominative ? NULL : value};
    return false;
}

static char *keep(struct builder *b, const char *text)
{
    char *copy = *text ? arena_strdup(b->arena, text) : NULL;

    b->failed = b->failed || (*text && !copy);
    return copy;
}

/* A text that is sealed, at most `points` characters. */
static bool take_text(struct builder *b, enum import_field field, size_t points,
                      char **ret_text)
{
    const char *text = cell(b, field);

    if (!text_is_utf8(bytes_of_str(text), points))
        return fail(b, CAUSE_TEXT_LONG, field, NULL);
    *ret_text = keep(b, text);
    return true;
}

/* The same on one line: what the sheet breaks is joined. */
static bool take_line(struct builder *b, enum import_field field, size_t points,
                      char **ret_text)
{
    if (!take_text(b, field, points, ret_text))
        return false;
    for (char *c = *ret_text; c && *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    return true;
}

/* A code of a list; an empty cell is none, or the fault `missing` when that is one. */
static bool take_code(struct builder *b, enum import_field field, const char *list,
                      enum import_cause missing, enum import_cause unknown, char **ret_code)
{
    const char *text = cell(b, field);
    const char *code;

    if (!*text)
        return missing == CAUSE_NONE || fail(b, missing, field, NULL);
    code = import_value_code(b->cli, list, text);
    if (!code)
        return fail(b, unknown, field, text);
    *ret_code = keep(b, code);
    return true;
}

static bool take_day(struct builder *b, enum import_field field, enum import_cause bad,
                     protobuf_c_boolean *ret_has, int32_t *ret_day)
{
    const char *text = cell(b, field);

    if (!*text)
        return true;
    if (!import_value_day(text, ret_day))
        return fail(b, bad, field, text);
    *ret_has = 1;
    return true;
}

const char *import_row_number(struct arena *arena, const struct import_map *map,
                              const struct import_record *record)
{
    if (map->columns[FIELD_NUMBER] >= 0)
        return import_cell(map, record, FIELD_NUMBER);
    return arena_printf(arena, "%zu", record->number);
}

static bool take_number(struct builder *b, Ctps__ImportRow *row)
{
    const char *number = import_row_number(b->arena, b->map, b->record);

    if (!number || !*number)
        return fail(b, CAUSE_NUMBER_MISSING, FIELD_NUMBER, NULL);
    if (strlen(number) > NUMBER_LEN_MAX)
        return fail(b, CAUSE_NUMBER_LONG, FIELD_NUMBER, NULL);
    row->number = keep(b, number);
    return true;
}

static bool take_received(struct builder *b, Ctps__SaisineReceive *saisine)
{
    if (!*cell(b, FIELD_RECEIVED))
        return fail(b, CAUSE_DATE_MISSING, FIELD_RECEIVED, NULL);
    return take_day(b, FIELD_RECEIVED, CAUSE_DATE_BAD, &saisine->has_received_day,
                    &saisine->received_day);
}

static bool take_place_of(struct builder *b, Ctps__SaisineReceive *saisine)
{
    const char *territory_text = cell(b, FIELD_TERRITORY);
    const char *district_text = cell(b, FIELD_DISTRICT);
    const Ctps__Territory *territory;
    const char *district;

    if (!*territory_text)
        return fail(b, CAUSE_TERRITORY_MISSING, FIELD_TERRITORY, NULL);
    territory = (const Ctps__Territory *)reference_find(b->cli, REFERENCE_TERRITORIES, NULL,
                                                        territory_text, NULL);
    if (!territory)
        return fail(b, CAUSE_TERRITORY_UNKNOWN, FIELD_TERRITORY, territory_text);
    if (!*district_text)
        return fail(b, CAUSE_DISTRICT_MISSING, FIELD_DISTRICT, NULL);
    district = import_value_district(territory, district_text);
    if (!district)
        return fail(b, CAUSE_DISTRICT_UNKNOWN, FIELD_DISTRICT, district_text);
    saisine->territory = keep(b, territory->code);
    saisine->district = keep(b, district);
    return true;
}

static bool is_motive(void *ctx, const char *part)
{
    return import_value_code(ctx, "motif", part) != NULL;
}

static bool take_motives(struct builder *b, Ctps__SaisineReceive *saisine)
{
    static const char *const separators[] = {" / ", "/", "|", ";", "\n", ",", NULL};
    const char *text = cell(b, FIELD_MOTIVES);
    const char *parts[IMPORT_PARTS_MAX];
    const char *bad;
    size_t count;

    if (!*text)
        return fail(b, CAUSE_MOTIVE_MISSING, FIELD_MOTIVES, NULL);
    count = import_value_split(b->arena, text, separators, is_motive, b->cli, parts, &bad);
    if (count == 0)
        return fail(b, CAUSE_MOTIVE_UNKNOWN, FIELD_MOTIVES, bad);
    if (count > MOTIVES_MAX)
        return fail(b, CAUSE_MOTIVE_MANY, FIELD_MOTIVES, NULL);
    saisine->motives = arena_alloc(b->arena, count * sizeof(char *));
    if (!saisine->motives)
        return fail(b, CAUSE_REFUSED, FIELD_MOTIVES, NULL);
    for (size_t i = 0; i < count; i++) {
        char *code = keep(b, import_value_code(b->cli, "motif", parts[i]));
        bool twice = false;

        for (size_t k = 0; k < saisine->n_motives && code; k++)
            twice = twice || strcmp(saisine->motives[k], code) == 0;
        if (code && !twice)
            saisine->motives[saisine->n_motives++] = code;
    }
    return true;
}

static bool is_not_kept(const char *text)
{
    return strcasecmp(text, "identité non conservée") == 0 || strcmp(text, "-") == 0;
}

/* A partner by name where one refers; anything else is who the resident said to be. */
static bool take_referrer(struct builder *b, Ctps__SaisineReceive *saisine)
{
    const char *text = cell(b, FIELD_REFERRER);
    const ProtobufCMessage *partner;

    if (!*text || is_not_kept(text))
        return true;
    partner = reference_find(b->cli, REFERENCE_PARTNERS, NULL, text, NULL);
    if (partner && saisine->origin && strcmp(saisine->origin, "habitant") != 0) {
        saisine->referrer_partner = reference_id(partner);
        saisine->has_referrer_partner = saisine->referrer_partner != 0;
        return true;
    }
    if (saisine->origin && (strcmp(saisine->origin, "institutionnel") == 0 ||
                            strcmp(saisine->origin, "terrain") == 0))
        b->warnings |= WARNING_PARTNER_UNKNOWN;
    return take_line(b, FIELD_REFERRER, LINE_POINTS_MAX, &saisine->referrer);
}

static bool take_identity(struct builder *b, Ctps__Identity *identity)
{
    return take_day(b, FIELD_BORN, CAUSE_BIRTH_BAD, &identity->has_birth_day,
                    &identity->birth_day) &&
           take_line(b, FIELD_PERSON_LAST, NAME_POINTS_MAX, &identity->last_name) &&
           take_line(b, FIELD_PERSON_FIRST, NAME_POINTS_MAX, &identity->first_name) &&
           take_line(b, FIELD_PERSON_PHONE, PHONE_POINTS_MAX, &identity->phone) &&
           take_line(b, FIELD_REPRESENTATIVES, LINE_POINTS_MAX, &identity->representatives);
}

static void take_sex(struct builder *b, Ctps__Person *person)
{
    const char *text = cell(b, FIELD_SEX);
    const char *sex = import_value_sex(text);

    if (sex)
        person->sex = keep(b, sex);
    else if (*text)
        b->warnings |= WARNING_SEX_UNKNOWN;
}

/* A row with no name has no person: its address is then the place itself. */
static bool take_person(struct builder *b, Ctps__SaisineReceive *saisine)
{
    Ctps__Person *person = arena_alloc(b->arena, sizeof *person);
    Ctps__Identity *identity = arena_alloc(b->arena, sizeof *identity);

    saisine->persons = arena_alloc(b->arena, sizeof(void *));
    if (!person || !identity || !saisine->persons)
        return fail(b, CAUSE_REFUSED, FIELD_PERSON_LAST, NULL);
    ctps__person__init(person);
    ctps__identity__init(identity);
    if (!take_identity(b, identity))
        return false;
    if (!identity->last_name && !identity->first_name && !identity->has_birth_day)
        return take_line(b, FIELD_ADDRESS, LINE_POINTS_MAX, &saisine->place);
    take_sex(b, person);
    person->role = keep(b, "concerned");
    person->identity = identity;
    saisine->persons[0] = person;
    saisine->n_persons = 1;
    return take_line(b, FIELD_ADDRESS, LINE_POINTS_MAX, &identity->address);
}

static bool take_saisine(struct builder *b, Ctps__SaisineReceive *saisine)
{
    if (!take_received(b, saisine) || !take_place_of(b, saisine) ||
        !take_code(b, FIELD_ORIGIN, "origine", CAUSE_ORIGIN_MISSING, CAUSE_ORIGIN_UNKNOWN,
                   &saisine->origin) ||
        !take_code(b, FIELD_NATURE, "nature", CAUSE_NATURE_MISSING, CAUSE_NATURE_UNKNOWN,
                   &saisine->nature) ||
        !take_motives(b, saisine) ||
        !take_code(b, FIELD_CHANNEL, "canal", CAUSE_NONE, CAUSE_CHANNEL_UNKNOWN,
                   &saisine->channel) ||
        !take_code(b, FIELD_URGENCY, "urgence", CAUSE_NONE, CAUSE_URGENCY_UNKNOWN,
                   &saisine->urgency) ||
        !take_referrer(b, saisine) || !take_person(b, saisine))
        return false;
    if (!saisine->channel)
        saisine->channel = keep(b, "inconnu");
    if (!saisine->urgency)
        saisine->urgency = keep(b, "courante");
    return true;
}

static void take_lead(struct builder *b, Ctps__ImportRow *row)
{
    const char *text = cell(b, FIELD_LEAD);
    const ProtobufCMessage *agent;
    bool ambiguous;

    if (!*text)
        return;
    agent = reference_find(b->cli, REFERENCE_AGENTS, NULL, text, &ambiguous);
    if (!agent || ambiguous) {
        b->warnings |= WARNING_AGENT_UNKNOWN;
        return;
    }
    row->lead_agent = reference_id(agent);
    row->has_lead_agent = row->lead_agent != 0;
}

static bool take_history(struct builder *b, Ctps__ImportRow *row)
{
    if (!take_code(b, FIELD_TERM, "terme", CAUSE_NONE, CAUSE_TERM_UNKNOWN, &row->term) ||
        !take_code(b, FIELD_STATUS, "etat", CAUSE_NONE, CAUSE_STATUS_UNKNOWN, &row->status) ||
        !take_code(b, FIELD_EVOLUTION, "evolution", CAUSE_NONE, CAUSE_EVOLUTION_UNKNOWN,
                   &row->evolution) ||
        !take_day(b, FIELD_NEXT_REVIEW, CAUSE_REVIEW_BAD, &row->has_next_review_day,
                  &row->next_review_day) ||
        !take_day(b, FIELD_CLOSED, CAUSE_CLOSED_BAD, &row->has_closed_day, &row->closed_day) ||
        !take_code(b, FIELD_CLOSING_MOTIVE, "cloture", CAUSE_NONE, CAUSE_CLOSING_UNKNOWN,
                   &row->closing_motive) ||
        !take_text(b, FIELD_OBSERVATION, TEXT_POINTS_MAX, &row->observation))
        return false;
    if (row->has_closed_day && row->closed_day < row->saisine->received_day)
        return fail(b, CAUSE_CLOSED_BEFORE, FIELD_CLOSED, cell(b, FIELD_CLOSED));
    take_lead(b, row);
    return true;
}

bool import_row_build(struct cli *cli, struct arena *arena, const struct import_map *map,
                      const struct import_record *record, Ctps__ImportRow **ret_row,
                      unsigned *ret_warnings, struct import_fault *ret_fault)
{
    struct builder b = {.cli = cli, .arena = arena, .map = map, .record = record};
    Ctps__ImportRow *row = arena_alloc(arena, sizeof *row);
    Ctps__SaisineReceive *saisine = arena_alloc(arena, sizeof *saisine);

    if (row && saisine) {
        ctps__import_row__init(row);
        ctps__saisine_receive__init(saisine);
        row->saisine = saisine;
    }
    b.failed = !row || !saisine;
    if (b.failed || !take_number(&b, row) || !take_saisine(&b, saisine) ||
        !take_history(&b, row) || b.failed) {
        if (b.failed)
            fail(&b, CAUSE_REFUSED, FIELD_NUMBER, NULL);
        *ret_fault = b.fault;
        return false;
    }
    *ret_row = row;
    *ret_warnings = b.warnings;
    return true;
}
