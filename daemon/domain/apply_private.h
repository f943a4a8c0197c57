/* What the files of apply share; nobody else includes it. */
#ifndef CTPS_DOMAIN_APPLY_PRIVATE_H
#define CTPS_DOMAIN_APPLY_PRIVATE_H

#include "domain/act.h"
#include "domain/apply.h"
#include "domain/record.h"
#include "domain/share.h"

/* One function an event: apply_saisine_received(apply, event)… */
#define X(Type, field, CASE, topic)                                                            \
    void apply_##field(const struct apply *apply, const Ctps__##Type *event);
#include "domain/event_list.h"
#undef X

void apply_slot_taken(const struct apply *apply, uint64_t slot);
void apply_sealed_taken(const struct apply *apply, const Ctps__Sealed *sealed);

/* The partner has one webhook more, or (`by` -1) one less. */
void apply_feed_webhooks(const struct apply *apply, uint64_t partner, int by);
/* Writes the event down for each partner whose feed gets it; the views hold it already. */
void apply_feeds_tell(const struct apply *apply, const Ctps__Event *event, uint64_t number);
/* Forgets what was told more days ago than the event says, which has them from the
 * configuration; not the newest of a partner, by which its followers know that they missed
 * nothing. */
void apply_feeds_prune(const struct apply *apply, const Ctps__DayRun *event);

/* Rows of TABLE_BY_TERRITORY and TABLE_DUE. */
void apply_territory_add(const struct apply *apply, const char *territory,
                         Ctps__ObjectKind kind, uint64_t id);
void apply_territory_remove(const struct apply *apply, const char *territory,
                            Ctps__ObjectKind kind, uint64_t id);
void apply_due_add(const struct apply *apply, int32_t day, Ctps__ObjectKind kind, uint64_t id);
void apply_due_remove(const struct apply *apply, int32_t day, uint64_t id);
void apply_reference_add(const struct apply *apply, const char *reference, uint64_t id);
/* Raises the counter of the series a number belongs to: the number without its last part. */
void apply_number_raise(const struct apply *apply, const char *number, uint32_t ordinal);

/* What the clock said when the entry was made: earlier than its time while that had to wait. */
int64_t apply_clock_us(const struct apply *apply);

/* How many different days the daemon was seen to run on, up to this entry. */
uint32_t apply_run_total(const struct apply *apply);

/* Marks a situation or a saisine erased, whichever the id names. */
void apply_erased(const struct apply *apply, uint64_t id);

/* Removes the pairs of a saisine, both ways round. */
void apply_duplicates_remove(const struct apply *apply, uint64_t saisine);
/* Counts a saisine under its present status, `by` 1 or -1. */
void apply_saisine_count(const struct apply *apply, const Ctps__SaisineRecord *record, int by);
/* Gives a saisine another status and writes it; the counts follow. */
void apply_saisine_status(const struct apply *apply, Ctps__SaisineRecord *record,
                          const char *status);
/* A longer copy of `count` ids with `id` behind them; NULL without memory. */
uint64_t *apply_ids_grow(const struct apply *apply, const uint64_t *ids, size_t count,
                         uint64_t id);
/* The recipients of every share of a situation, those past too, are to be told; the daemon then
 * emits an event for each share (GDPR 19). */
void apply_shares_tell(const struct apply *apply, uint64_t situation, enum share_tell why);
/* Persons added, who is engaged and links go over to the situation `row` ends in. */
void apply_situation_persons_move(const struct apply *apply, Ctps__SituationRecord *row,
                                  Ctps__SituationRecord *into);
/* What of a situation ends with its erasure besides texts: links, and which professionals were
 * engaged (which partners and agents are facts). */
void apply_situation_links_remove(const struct apply *apply, uint64_t situation);
void apply_situation_contacts_remove(const struct apply *apply, uint64_t situation);

/* Writes one more step of the course; the caller puts the row. */
void apply_course_add(const struct apply *apply, Ctps__SituationRecord *row,
                      const Ctps__CourseStep *step);
/* Counts an entry of that kind, `by` 1 or -1; the caller puts the row. */
void apply_step_count(const struct apply *apply, Ctps__SituationRecord *row, char *kind,
                      int by);

/* Who asked for rights: the end announced, ordered (erased false) or done. */
void apply_rights_announced(const struct apply *apply, const Ctps__ErasureAnnounced *event);
void apply_rights_flag(const struct apply *apply, uint64_t id, bool erased);

void apply_saisine_put(const struct apply *apply, const Ctps__SaisineRecord *record);
void apply_situation_put(const struct apply *apply, Ctps__SituationRecord *record);
/* As apply_situation_put, for what leaves the situation open or closed as it was, and where it
 * was: the table of open ones is not looked at. */
void apply_situation_touch(const struct apply *apply, Ctps__SituationRecord *record);
void apply_meeting_put(const struct apply *apply, Ctps__MeetingRecord *record);
/* The meeting's own key is noted and gets its term; 0: none was taken. */
void apply_meeting_slot_add(const struct apply *apply, Ctps__MeetingRecord *row, uint64_t slot,
                            int32_t due_day);
/* A meeting's own texts: its erasure announced, ordered, or done. */
void apply_meeting_announced(const struct apply *apply, const Ctps__ErasureAnnounced *event);
void apply_meeting_flag(const struct apply *apply, uint64_t id, bool erased);
/* A meeting an import made is taken back. */
void apply_meeting_undo(const struct apply *apply, uint64_t import_id, uint64_t id);
/* The row that made it may be imported again. */
void apply_import_row_undo(const struct apply *apply, uint64_t import_id, uint64_t made);

#endif
