/*
 * The extract for the person (GDPR art. 15.1 and 15.3): everything held on one person of a
 * situation, with third parties masked (art. 15.4). What is held is found by the table of
 * boxes, so that nothing is left out because its noun is younger than this file.
 *
 * Masking is text/mask.h's, and so are its limits: a human reads the extract again before it is
 * handed out, and the answer says so.
 */
#include "domain/box.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/engagement.h"
#include "domain/record.h"
#include "domain/rights.h"
#include "domain/view_fill.h"
#include "text/mask.h"

enum { PARTS_MAX = 2000, SITUATIONS_MAX = 32 };

#define THIRD_PARTY  "[tiers]"
#define PROFESSIONAL "[professionnel]"

static const char *const kind_words[TEXT_MASK_KIND_COUNT] = {
    [TEXT_MASK_NAME] = "name",
    [TEXT_MASK_PHONE] = "phone",
    [TEXT_MASK_EMAIL] = "email",
    [TEXT_MASK_ADDRESS] = "address",
};

/* As printed; the person asking reads French. */
static const char note_fr[] =
    "Les noms, surnoms et adresses des tiers connus de la situation, les numéros de téléphone "
    "et "
    "les adresses électroniques ont été masqués automatiquement. Relisez ce document avant de "
    "le "
    "remettre : d’autres surnoms, des fautes d’orthographe et des descriptions peuvent encore "
    "désigner quelqu’un.";
static const char note_en[] =
    "Names, nicknames and addresses of third parties known in the situation, telephone numbers "
    "and e-mail addresses were masked automatically. Read this document again before handing "
    "it "
    "out: other nicknames, misspellings and descriptions may still point to somebody.";

void authorise_rights_extract(struct act *act)
{
    const Ctps__RightsExtract *in = act->request->rights_extract;
    struct resource resource;

    act->rights = rights_load(act, in->id, in->number, ACTION_RIGHTS_LIST);
    if (!act->rights)
        return;
    act->situation = record_situation(act->tables, act->arena, in->situation);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, act->situation);
    act->judged = false;
    act_judge(act, ACTION_RIGHTS_EXTRACT, &resource);
}

struct extract {
    struct act *act;
    uint64_t person;
    Ctps__RightsExtractAnswer *answer;
    struct text_mask mask;
    unsigned other_count;
    unsigned masked[TEXT_MASK_KIND_COUNT];
};

/* --- whose names --- */

static void *box_open(struct act *act, const struct box_place *place)
{
    return act_unseal(act, place->sealed, place->row->field, place->row->content);
}

static const char *name_of(struct act *act, const Ctps__Identity *identity)
{
    const char *name = arena_printf(act->arena, "%s %s", or_empty(identity->last_name),
                                    or_empty(identity->first_name));

    act->exhausted |= !name;
    return or_empty(name);
}

static void person_own(struct extract *extract, const struct box_place *place,
                       Ctps__Identity *identity)
{
    Ctps__Person *person = act_alloc(extract->act, sizeof(*person));

    text_mask_own(&extract->mask, name_of(extract->act, identity));
    text_mask_phone(&extract->mask, or_empty(identity->phone), true);
    text_mask_address(&extract->mask, or_empty(identity->address), true);
    ctps__person__init(person);
    SET(person, id, extract->person);
    person->role = act_text(extract->act, box_word(place, "role"));
    person->identity = identity;
    extract->answer->person = person;
}

static void person_other(struct extract *extract, const struct box_place *place,
                         const Ctps__Identity *identity)
{
    Ctps__RightsExtractAnswer *answer = extract->answer;
    struct act *act = extract->act;
    char *label = arena_printf(act->arena, "[personne %u]", ++extract->other_count + 1);
    Ctps__Person *person = act_alloc(act, sizeof(*person));

    if (!label || answer->n_others == PARTS_MAX) {
        act->exhausted = true;
        return;
    }
    text_mask_add(&extract->mask, name_of(act, identity), label);
    text_mask_add_free(&extract->mask, or_empty(identity->representatives), THIRD_PARTY);
    text_mask_phone(&extract->mask, or_empty(identity->phone), false);
    text_mask_address(&extract->mask, or_empty(identity->address), false);
    ctps__person__init(person);
    person->role = act_text(act, box_word(place, "role"));
    person->identity = act_alloc(act, sizeof(*person->identity));
    ctps__identity__init(person->identity);
    person->identity->last_name = label;
    answer->others[answer->n_others++] = person;
}

static void names_note(void *arg, const struct box_place *place)
{
    struct extract *extract = arg;
    uint64_t id = (uint64_t)box_number(place, "id");
    const ProtobufCMessageDescriptor *type = place->row->content;
    void *content;

    if (type != &ctps__identity__descriptor && type != &ctps__saisine_content__descriptor)
        return;
    content = box_open(extract->act, place);
    if (!content)
        return;
    if (type == &ctps__saisine_content__descriptor)
        text_mask_add_free(&extract->mask,
                           or_empty(((Ctps__SaisineContent *)content)->referrer), THIRD_PARTY);
    else if (id == extract->person)
        person_own(extract, place, content);
    else
        person_other(extract, place, content);
}

/* A partner's professionals who work on it: their acts are the person's to know, not who they
 * are. */
static bool professional_note(void *arg, Ctps__EngagementRecord *row)
{
    struct extract *extract = arg;
    struct act *act = extract->act;
    const Ctps__Contact *contact =
        row->engaged->kind == CTPS__OBJECT_KIND__OBJECT_CONTACT
            ? record_contact(act->tables, act->arena, row->engaged->id)
            : NULL;

    if (contact) {
        const char *name = arena_printf(act->arena, "%s %s", or_empty(contact->last_name),
                                        or_empty(contact->first_name));

        act->exhausted |= !name;
        text_mask_add(&extract->mask, or_empty(name), PROFESSIONAL);
        text_mask_phone(&extract->mask, or_empty(contact->phone), false);
    }
    return !act->exhausted;
}

/* --- what is held --- */

static void part_add(struct extract *extract, const struct box_place *place, const char *field,
                     const char *text)
{
    Ctps__RightsExtractAnswer *answer = extract->answer;
    struct act *act = extract->act;
    const char *masked = strcmp(field, "referrer") == 0
                             ? THIRD_PARTY
                             : text_mask_apply(&extract->mask, text, extract->masked);
    Ctps__ExtractPart *part = act_alloc(act, sizeof(*part));

    if (!masked || answer->n_parts == PARTS_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "extract");
        return;
    }
    ctps__extract_part__init(part);
    part->what = act_text(act, place->row->name);
    part->field = act_text(act, field);
    SET(part, id, (uint64_t)box_number(place, "id"));
    if (box_number(place, "day"))
        SET(part, day, (int32_t)box_number(place, "day"));
    part->kind = act_text(act, box_word(place, "kind"));
    part->text = act_text(act, masked);
    answer->parts[answer->n_parts++] = part;
}

typedef void text_take(struct extract *extract, const struct box_place *place,
                       const char *field, const char *text);

/* Calls `take` for each text of a box that is no identity; false when it does not open. */
static bool texts_each(struct extract *extract, const struct box_place *place, text_take *take)
{
    const ProtobufCMessageDescriptor *type = place->row->content;
    const uint8_t *content =
        type == &ctps__identity__descriptor ? NULL : box_open(extract->act, place);

    for (unsigned i = 0; content && i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        const char *text;

        if (field->type != PROTOBUF_C_TYPE_STRING || field->label == PROTOBUF_C_LABEL_REPEATED)
            continue;
        text = *(const char *const *)(const void *)(content + field->offset);
        if (is_given(text))
            take(extract, place, field->name, text);
    }
    return content != NULL;
}

static void text_learn(struct extract *extract, const struct box_place *place,
                       const char *field, const char *text)
{
    (void)place;
    (void)field;
    text_mask_learn(&extract->mask, text);
}

static void part_learn(void *arg, const struct box_place *place)
{
    texts_each(arg, place, text_learn);
}

static void part_collect(void *arg, const struct box_place *place)
{
    struct extract *extract = arg;

    if (texts_each(extract, place, part_add) && box_number(place, "id"))
        act_object_read(extract->act, (uint64_t)box_number(place, "id"));
}

/* The situation and those merged into it. */
static void situations_each(struct extract *extract,
                            void (*each)(void *arg, const struct box_place *place))
{
    struct act *act = extract->act;
    struct box_search search = {act->tables, act->arena, act->situation};

    box_each(&search, each, extract);
    for (size_t i = 0; i < act->situation->n_merged; i++) {
        search.situation = record_situation(act->tables, act->arena, act->situation->merged[i]);
        if (search.situation)
            box_each(&search, each, extract);
    }
}

static bool extract_check(struct act *act, const Ctps__RightsExtract *in)
{
    const Ctps__RightsOpened *opened = act->rights->opened;

    if (act->rights->answered) {
        act_refuse(act, REFUSAL_STATE_WRONG, "request");
        return false;
    }
    for (size_t i = 0; i < opened->n_situations; i++)
        if (opened->situations[i] == in->situation)
            return true;
    act_refuse(act, REFUSAL_RIGHTS_NOT_ASKED, "situation");
    return false;
}

static void counts_fill(struct extract *extract)
{
    Ctps__RightsExtractAnswer *answer = extract->answer;
    struct act *act = extract->act;
    uint32_t total = 0;

    answer->masked = act_alloc(act, TEXT_MASK_KIND_COUNT * sizeof(Ctps__MaskedCount *));
    for (size_t i = 0; answer->masked && i < TEXT_MASK_KIND_COUNT; i++) {
        Ctps__MaskedCount *count = act_alloc(act, sizeof(*count));

        ctps__masked_count__init(count);
        count->kind = act_text(act, kind_words[i]);
        SET(count, count, extract->masked[i]);
        total += extract->masked[i];
        answer->masked[answer->n_masked++] = count;
    }
    SET(answer, masked_count, total);
}

static void export_emit(struct act *act, const struct extract *extract)
{
    Ctps__ExportMade *out = emit_export_made(act);

    SET(out, kind, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST);
    SET(out, id, act->rights->opened->id);
    SET(out, situation, act->situation->opened->id);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    SET(out, row_count, (uint32_t)extract->answer->n_parts);
}

void answer_rights_extract(struct act *act)
{
    const Ctps__RightsExtract *in = act->request->rights_extract;
    struct extract extract = {.act = act, .person = in->person};
    Ctps__RightsExtractAnswer *answer = act_alloc(act, sizeof(*answer));

    if (!extract_check(act, in))
        return;
    ctps__rights_extract_answer__init(answer);
    extract.answer = answer;
    answer->others = act_alloc(act, PARTS_MAX * sizeof(Ctps__Person *));
    answer->parts = act_alloc(act, PARTS_MAX * sizeof(Ctps__ExtractPart *));
    if (!answer->others || !answer->parts)
        return;
    text_mask_init(&extract.mask, act->arena);
    situations_each(&extract, names_note);
    if (!answer->person) {
        act_refuse(act, REFUSAL_ABSENT, "person");
        return;
    }
    act_object_read(act, act->situation->opened->id);
    act_object_read(act, in->person);
    engagement_walk(act, act->situation->opened->id, professional_note, &extract);
    situations_each(&extract, part_learn);
    situations_each(&extract, part_collect);
    answer->situation = view_situation_facts(act, act->situation);
    answer->number = act->rights->opened->number;
    SET(answer, day, act->today);
    counts_fill(&extract);
    answer->note_fr = act_text(act, note_fr);
    answer->note_en = act_text(act, note_en);
    act->reply->answer_case = CTPS__REPLY__ANSWER_RIGHTS_EXTRACT_ANSWER;
    act->reply->rights_extract_answer = answer;
    export_emit(act, &extract);
}
