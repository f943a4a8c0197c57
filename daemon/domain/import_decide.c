/* Taking over a town's tracking table, row by row, and taking it back. */
#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/import.h"
#include "domain/intake.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/retention_term.h"

void authorise_import(struct act *act)
{
    act_judge_plain(act, ACTION_IMPORT_RUN);
}

void decide_import_begin(struct act *act)
{
    const Ctps__ImportBegin *in = act->request->import_begin;
    Ctps__ImportBegun *out;
    uint64_t id;

    if (!check_given(act, is_given(in->source), "source"))
        return;
    id = act_new_id(act);
    out = emit_import_begun(act);
    SET(out, id, id);
    out->source = in->source;
    SET(out, by_agent, act->who->id);
    SET(out, begun_us, act->now_us);
    SET_FROM(out, in, row_count);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_IMPORT, id, NULL);
}

bool import_load(struct act *act, uint64_t id)
{
    act->import =
        (Ctps__ImportRecord *)record_get(act->tables, TABLE_IMPORT, table_key_of_u64(id),
                                         act->arena, &ctps__import_record__descriptor);
    if (act->import && !act->import->undone)
        return true;
    act_refuse(act, act->import ? REFUSAL_STATE_WRONG : REFUSAL_ABSENT, "import_id");
    return false;
}

bool import_load_open(struct act *act, uint64_t id)
{
    if (!import_load(act, id))
        return false;
    if (!act->import->ended && !act->import->undoing)
        return true;
    act_refuse(act, REFUSAL_STATE_WRONG, "import_id");
    return false;
}

bool import_load_for_row(struct act *act, uint64_t id, char *source)
{
    Ctps__ImportBegun *begun;

    if (id || !act->request->dry_run || !is_given(source))
        return import_load_open(act, id);
    act->import = act_alloc(act, sizeof(*act->import));
    begun = act_alloc(act, sizeof(*begun));
    ctps__import_record__init(act->import);
    ctps__import_begun__init(begun);
    begun->source = source;
    act->import->begun = begun;
    return true;
}

/* The digest tells a changed row from an unchanged one. It is keyed with the saisine's own key,
 * so that it says nothing once erased; of a row past its term it covers the facts alone. */
static bool row_digest(struct act *act, const Ctps__ImportRow *in, uint64_t slot,
                       bool facts_only, uint8_t out[SEALER_MAC_LEN])
{
    Ctps__ImportRow row = *in;
    Ctps__SaisineReceive saisine = *in->saisine;
    struct bytes packed;

    row.has_import_id = 0;
    row.source = NULL;
    row.saisine = &saisine;
    if (facts_only) {
        row.observation = saisine.text = saisine.place = saisine.referrer = NULL;
        saisine.n_persons = 0;
    }
    if (wire_pack(act->arena, &row.base, &packed) != CTPS_OK) {
        act->exhausted = true;
        return false;
    }
    return act->sealer->mac(act->sealer->ctx, slot, packed, out) == CTPS_OK;
}

/* A number already taken over: nothing changes, whatever the row says now. */
static void row_compare(struct act *act, const Ctps__ImportRow *in,
                        const Ctps__ImportRowTaken *taken)
{
    Ctps__SaisineRecord *saisine = record_saisine(act->tables, act->arena, taken->saisine);
    uint8_t digest[SEALER_MAC_LEN];

    if (taken->import_id == in->import_id) {
        act_refuse(act, REFUSAL_NUMBER_TAKEN, in->number);
        return;
    }
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SAISINE, taken->saisine, NULL);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SITUATION, taken->situation, NULL);
    act->import_outcome = "unchanged";
    if (!saisine)
        return;
    if (!row_digest(act, in, saisine->received->slot, saisine->received->facts_only, digest))
        act_warn(act, "erased_not_compared");
    else if (taken->digest.len != sizeof(digest) ||
             memcmp(taken->digest.data, digest, sizeof(digest)) != 0)
        act->import_outcome = "changed";
    else if (saisine->received->facts_only)
        act->indexed_saisine = taken->saisine;
}

static bool is_closed_row(const Ctps__ImportRow *in)
{
    return strcmp(or_empty(in->status), STATUS_CLOSED) == 0;
}

static bool row_check(struct act *act, const Ctps__ImportRow *in)
{
    if (!in->saisine) {
        act_refuse(act, REFUSAL_FIELD_MISSING, "saisine");
        return false;
    }
    if (!intake_check(act, in->saisine) || !check_list(act, "etat", in->status, "status") ||
        !check_list_optional(act, "terme", in->term, "term") ||
        !check_list_optional(act, "evolution", in->evolution, "evolution") ||
        !check_list_optional(act, "cloture", in->closing_motive, "closing_motive") ||
        !check_agent(act, in->lead_agent, "lead_agent"))
        return false;
    if (strcmp(in->status, STATUS_ERASED) == 0) {
        act_refuse(act, REFUSAL_STATE_WRONG, "status");
        return false;
    }
    if (in->has_next_review_day &&
        !check_day(act, true, in->next_review_day, "next_review_day"))
        return false;
    if (!is_closed_row(in))
        return true;
    if (!check_day_past(act, in->has_closed_day, in->closed_day, "closed_day"))
        return false;
    if (in->closed_day >= in->saisine->received_day)
        return true;
    act_refuse(act, REFUSAL_DATE_ORDER, "closed_day");
    return false;
}

/* Oddities of a sheet: taken over as they are, and said. */
static void row_warn(struct act *act, const Ctps__ImportRow *in, bool facts_only)
{
    bool closed = is_closed_row(in);

    if (in->has_next_review_day && in->next_review_day < in->saisine->received_day)
        act_warn(act, "review_before_saisine");
    if (!closed && in->has_next_review_day && in->next_review_day < act->today)
        act_warn(act, "review_overdue");
    if (!closed && !in->has_next_review_day)
        act_warn(act, "review_missing");
    if (strcmp(in->status, STATUS_BLOCKED) == 0)
        act_warn(act, "blocked_without_partner");
    if (strcmp(in->status, STATUS_WATCH) == 0)
        act_warn(act, "watch_without_date");
    if (facts_only)
        act_warn(act, "past_term_facts_only");
}

static void row_evolution_emit(struct act *act, const Ctps__ImportRow *in, uint64_t situation)
{
    Ctps__SituationReviewed *out;

    if (!is_given(in->evolution))
        return;
    out = emit_situation_reviewed(act);
    SET(out, id, situation);
    out->evolution = in->evolution;
    if (in->has_next_review_day && !is_closed_row(in))
        SET_FROM(out, in, next_review_day);
    SET(out, by_agent, in->lead_agent);
}

static void row_observation_emit(struct act *act, const Ctps__ImportRow *in,
                                 const Ctps__SituationOpened *opened)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;
    Ctps__SituationEntryAdded *out;
    uint64_t id;

    if (!is_given(in->observation) || opened->facts_only)
        return;
    id = act_new_id(act);
    out = emit_situation_entry_added(act);
    SET(out, id, id);
    SET(out, situation, opened->id);
    out->kind = act_text(act, "autre");
    SET(out, day, is_closed_row(in) ? in->closed_day : act->today);
    SET(out, author, in->lead_agent);
    content.text = in->observation;
    out->content = act_seal(act, opened->slot, SEALED_ENTRY_CONTENT, &content.base);
}

/* Until when a closed row is kept; its persons stand in the row itself. */
static int32_t row_due_day(const struct act *act, const Ctps__ImportRow *in)
{
    struct retention_minors minors = {0};

    for (size_t i = 0; i < in->saisine->n_persons; i++)
        retention_minor_note(&minors, in->saisine->persons[i]->role,
                             in->saisine->persons[i]->identity, in->saisine->received_day);
    return retention_due_day(act, in->closed_day, &minors);
}

static void row_closing_emit(struct act *act, const Ctps__ImportRow *in, uint64_t situation)
{
    Ctps__SituationClosed *out;

    if (!is_closed_row(in))
        return;
    out = emit_situation_closed(act);
    SET(out, id, situation);
    SET(out, day, in->closed_day);
    out->motive = in->closing_motive;
    SET(out, by_agent, in->lead_agent);
    SET(out, erase_due_day, row_due_day(act, in));
}

static Ctps__SituationOpened *row_opening_emit(struct act *act, const Ctps__ImportRow *in,
                                               const Ctps__SaisineReceived *saisine,
                                               bool facts_only)
{
    struct opening opening = {
        .status = is_closed_row(in) ? STATUS_FOLLOWED : in->status,
        .term = in->term,
        .opened_day = in->saisine->received_day,
        .lead_agent = in->lead_agent,
        .has_next_review_day = in->has_next_review_day && !is_closed_row(in),
        .next_review_day = in->next_review_day,
        .facts_only = facts_only,
        .warnings = act->warnings,
        .warning_count = act->warning_count,
    };
    Ctps__SituationOpened *opened = opening_emit(act, saisine, &opening);
    Ctps__SaisineAccepted *accepted;

    if (!opened)
        return NULL;
    accepted = emit_saisine_accepted(act);
    SET(accepted, id, saisine->id);
    SET(accepted, situation, opened->id);
    SET(accepted, day, in->saisine->received_day);
    return opened;
}

static void row_taken_emit(struct act *act, const Ctps__ImportRow *in,
                           const Ctps__SaisineReceived *saisine,
                           const Ctps__SituationOpened *opened)
{
    Ctps__ImportRowTaken *out = emit_import_row_taken(act);

    SET(out, import_id, in->import_id);
    out->source = act->import->begun->source;
    out->number = in->number;
    SET(out, saisine, saisine->id);
    SET(out, situation, opened->id);
    out->warnings = act->warnings;
    out->n_warnings = act->warning_count;
    out->has_digest = 1;
    out->digest.len = SEALER_MAC_LEN;
    out->digest.data = act_alloc(act, SEALER_MAC_LEN);
    if (!row_digest(act, in, saisine->slot, saisine->facts_only, out->digest.data))
        act_refuse(act, REFUSAL_UNAVAILABLE, "digest");
}

/* What a sheet leaves out (domain.md section 2: the rest may be empty): to be qualified, or
 * closed when it has such a day; led by the territory's coordinator. The digest is of what was
 * sent. */
static const Ctps__ImportRow *row_completed(struct act *act, const Ctps__ImportRow *in)
{
    Ctps__ImportRow *out = act_alloc(act, sizeof(*out));

    *out = *in;
    if (!is_given(in->status))
        out->status = act_text(act, in->has_closed_day ? STATUS_CLOSED : STATUS_TO_QUALIFY);
    if (!in->lead_agent && in->saisine)
        SET(out, lead_agent,
            principal_coordinator_of(act->tables, act->arena,
                                     or_empty(in->saisine->territory)));
    if (!out->lead_agent && act->who->kind == PRINCIPAL_KIND_AGENT)
        SET(out, lead_agent, act->who->id);
    return out;
}

static void row_take(struct act *act, const Ctps__ImportRow *sent, const Ctps__ImportRow *in)
{
    struct intake intake = {.typed_by = act->who->id};
    Ctps__SaisineReceived *saisine;
    Ctps__SituationOpened *opened;

    intake.facts_only = is_closed_row(in) && row_due_day(act, in) <= act->today;
    row_warn(act, in, intake.facts_only);
    saisine = intake_emit(act, in->saisine, &intake);
    if (!saisine)
        return;
    opened = row_opening_emit(act, in, saisine, intake.facts_only);
    if (!opened)
        return;
    row_evolution_emit(act, in, opened->id);
    row_observation_emit(act, in, opened);
    row_closing_emit(act, in, opened->id);
    row_taken_emit(act, sent, saisine, opened);
    act->import_outcome = "taken";
    if (intake.facts_only)
        act->indexed_saisine = saisine->id;
}

Ctps__ImportRowTaken *import_row_find(struct act *act, const char *number)
{
    return (Ctps__ImportRowTaken *)record_get(
        act->tables, TABLE_IMPORT_ROW, table_key_of_texts(act->import->begun->source, number),
        act->arena, &ctps__import_row_taken__descriptor);
}

void decide_import_row(struct act *act)
{
    const Ctps__ImportRow *in = act->request->import_row;
    const Ctps__ImportRow *row = row_completed(act, in);
    Ctps__ImportRowTaken *taken;

    act->history = true;
    if (!import_load_for_row(act, in->import_id, in->source) ||
        !check_given(act, is_given(in->number), "number") || !row_check(act, row))
        return;
    taken = import_row_find(act, in->number);
    if (taken)
        row_compare(act, in, taken);
    else
        row_take(act, in, row);
}

void decide_import_end(struct act *act)
{
    uint64_t id = act->request->import_end->import_id;
    Ctps__ImportEnded *out;

    if (!import_load_open(act, id))
        return;
    out = emit_import_ended(act);
    SET(out, id, id);
}
