#include "command.h"
#include "command_pack.h"
#include "command_reference.h"
#include "lang.h"
#include "output.h"

#define MEETING_ROW                                                                            \
    {                                                                                          \
        "MEETING", OPTION_MEETING, NULL, N_("reference or id"), "id", NULL, OPTION_REQUIRED    \
    }
#define AGENTS_ROW(name, help, target)                                                         \
    {                                                                                          \
        name, OPTION_AGENT, "AGENT", help, target, NULL, OPTION_REPEATED                       \
    }
#define CONTACTS_ROW(name, help, target)                                                       \
    {                                                                                          \
        name, OPTION_CONTACT, "CONTACT", help, target, NULL, OPTION_REPEATED                   \
    }

/* Words of the daemon's own that views translate. */
static const char *const words[] __attribute__((unused)) = {
    N_("scheduled"),
    N_("held"),
    N_("cancelled"),
    N_("present"),
    N_("excused"),
    N_("absent"),
    N_("any"),
    N_("institutional"),
    N_("territory"),
    N_("restricted"),
    N_("agents"),
    N_("engaged"),
    N_("supervised"),
    N_("numbers"),
    N_("collective"),
    N_("need_to_know"),
    N_("one_situation"),
    N_("project"),
    N_("theme"),
    N_("week"),
    N_("month"),
    N_("year"),
    N_("decision_overdue"),
    N_("decision_not_done"),
    N_("decision_under_way"),
    N_("review_due"),
    N_("blocked"),
    N_("saisine_unanswered"),
    N_("not_informed"),
    N_("silent"),
};

/* --- what is shown --- */

static const struct column list_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Time"), "minute", VIEW_MINUTE, NULL},
    {N_("Instance"), "instance", VIEW_LABEL, "instance"},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Place"), "place", VIEW_PLAIN, NULL},
    {N_("Oddities"), "warnings", VIEW_WARNING, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view list_view = {
    .path = "meeting_answer.meetings",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(list_columns),
    .title = N_("Meetings"),
    .empty = N_("no meeting"),
    .cursor_to = {"after_day", "after"},
    .cursor_from = {"day", "id"},
};

static const struct column invited_columns[] = {
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Contact"), "contact", VIEW_CONTACT, NULL},
    {N_("Attendance"), "outcome", VIEW_WORD, NULL},
    {N_("Walk-in"), "walk_in", VIEW_MARK, NULL},
};
static const struct view invited_view = {
    .path = "invited", .layout = VIEW_TABLE, VIEW_COLUMNS(invited_columns)};
static const struct column agenda_columns[] = {
    {N_("Item"), "id", VIEW_PLAIN, NULL},
    {N_("Situation"), "reference", VIEW_PLAIN, NULL},
    {N_("By name"), "nominative", VIEW_MARK, NULL},
    {N_("Theme"), "theme", VIEW_LABEL, "theme"},
    {N_("With text"), "with_text", VIEW_MARK, NULL},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
};
static const struct view agenda_view = {
    .path = "agenda", .layout = VIEW_TABLE, VIEW_COLUMNS(agenda_columns)};
static const struct view *const show_parts[] = {&invited_view, &agenda_view, NULL};

static const struct column show_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Title"), "title", VIEW_PLAIN, NULL},
    {N_("Instance"), "instance", VIEW_LABEL, "instance"},
    {N_("Territory"), "territory", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Time"), "minute", VIEW_MINUTE, NULL},
    {N_("Time zone"), "zone", VIEW_PLAIN, NULL},
    {N_("Minutes"), "duration_min", VIEW_PLAIN, NULL},
    {N_("Place"), "place", VIEW_PLAIN, NULL},
    {N_("Chair"), "chair", VIEW_AGENT, NULL},
    {N_("Situation"), "situation_reference", VIEW_PLAIN, NULL},
    {N_("Project ends"), "end_day", VIEW_PLAIN, NULL},
    {N_("Series"), "series", VIEW_PLAIN, NULL},
    {N_("Moved"), "rescheduled_count", VIEW_PLAIN, NULL},
    {N_("Past its deadline"), "past_deadline", VIEW_MARK, NULL},
    {N_("Oddities"), "warnings", VIEW_WARNING, NULL},
};
static const struct view show_view = {
    .path = "meeting_answer.meetings",
    .layout = VIEW_RECORD,
    VIEW_COLUMNS(show_columns),
    .empty = N_("no meeting"),
    .parts = show_parts,
};

static const struct column instance_columns[] = {
    {N_("Code"), "code", VIEW_PLAIN, NULL},
    {N_("Instance"), "code", VIEW_LABEL, "instance"},
    {N_("Attendance"), "attendance", VIEW_WORD, NULL},
    {N_("Carries"), "content", VIEW_WORD, NULL},
    {N_("Strategic"), "strategic", VIEW_MARK, NULL},
    {N_("Charter"), "charter_required", VIEW_MARK, NULL},
    {N_("Of a territory"), "per_territory", VIEW_MARK, NULL},
    {N_("With an end"), "end_required", VIEW_MARK, NULL},
    {N_("Every"), "rhythm_every", VIEW_PLAIN, NULL},
    {N_("Unit"), "rhythm_unit", VIEW_WORD, NULL},
    {N_("Deadline"), "deadline_days", VIEW_PLAIN, NULL},
    {N_("But month"), "month_skipped", VIEW_PLAIN, NULL},
    {N_("Reminders (h)"), "lead_hours", VIEW_PLAIN, NULL},
};
static const struct view instance_view = {
    .path = "instance_answer.instances",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(instance_columns),
    .empty = N_("no kind of meeting"),
};

/* --- options --- */

static const struct option_row list_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"instance", OPTION_CODE, "CODE", N_("list instance"), "instance", "instance", 0},
    {"from", OPTION_DAY, "DATE", N_("first day"), "from_day", NULL, 0},
    {"until", OPTION_DAY, "DATE", N_("last day"), "to_day", NULL, 0},
    {"state", OPTION_CHOICE, "STATE", N_("scheduled, held or cancelled"), "state",
     "scheduled|held|cancelled", 0},
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
    OUTPUT_OPTIONS,
};

static const struct option_row show_options[] = {
    MEETING_ROW,
    {"names", OPTION_FLAG, NULL, N_("with title and texts; the reading is recorded first"),
     "nominative", NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",
     "finalite", OPTION_REQUEST},
    {"purpose-text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "purpose_text", NULL,
     OPTION_REQUEST},
};

static const struct option_row schedule_options[] = {
    {"instance", OPTION_CODE, "CODE", N_("list instance"), "instance", "instance",
     OPTION_REQUIRED},
    {"day", OPTION_DAY, "DATE", N_("day of the meeting, or of the first one"), "day", NULL,
     OPTION_REQUIRED},
    {"at", OPTION_TIME, "HH:MM", N_("local time it starts at"), "minute", NULL,
     OPTION_REQUIRED},
    {"minutes", OPTION_COUNT, "N", N_("how long, in minutes"), "duration_min", NULL, 0},
    {"territory", OPTION_TERRITORY, "T", N_("of this territory; the whole town without"),
     "territory", NULL, 0},
    {"place", OPTION_TEXT, "PLACE", N_("a room, never somebody's home"), "place", NULL, 0},
    {"title", OPTION_TEXT, "TEXT", N_("without any name (sealed, never published)"), "title",
     NULL, 0},
    {"chair", OPTION_AGENT, "AGENT", N_("who chairs: e-mail, name or id"), "chair", NULL, 0},
    AGENTS_ROW("agent", N_("agent invited: e-mail, name or id"), "agents"),
    CONTACTS_ROW("contact", N_("partner's contact invited: e-mail, name or id"), "contacts"),
    {"project-ends", OPTION_DAY, "DATE", N_("adhoc: when the project ends"), "end_day", NULL,
     0},
    {"situation", OPTION_SITUATION, "SITUATION", N_("synthese: the one it is about"),
     "situation", NULL, 0},
    {"requested", OPTION_DAY, "DATE", N_("synthese: day it was asked for (today)"),
     "requested_day", NULL, 0},
    {"every-weeks", OPTION_COUNT, "N", N_("series: every so many weeks"),
     "recurrence.every_weeks", NULL, 0},
    {"every-months", OPTION_COUNT, "N", N_("series: every so many months"),
     "recurrence.every_months", NULL, 0},
    {"nth", OPTION_COUNT, "N", N_("with --every-months: the nth weekday, 6 the last"),
     "recurrence.nth", NULL, 0},
    {"weekday", OPTION_COUNT, "N", N_("of --nth: 0 Monday to 6 Sunday"), "recurrence.weekday",
     NULL, 0},
    {"until", OPTION_DAY, "DATE", N_("series: last day"), "recurrence.until_day", NULL, 0},
    {"count", OPTION_COUNT, "N", N_("series: so many meetings, at most 60"), "recurrence.count",
     NULL, 0},
    {"skip-month", OPTION_COUNT, "N", N_("series: not in this month, 1 to 12"),
     "recurrence.skip_month", NULL, 0},
    {"dry-run", OPTION_FLAG, NULL, N_("check only, write nothing"), "dry_run", NULL,
     OPTION_REQUEST},
};

static const struct option_row reschedule_options[] = {
    MEETING_ROW,
    {"day", OPTION_DAY, "DATE", N_("new day"), "day", NULL, OPTION_REQUIRED},
    {"at", OPTION_TIME, "HH:MM", N_("new local time; as before without"), "minute", NULL, 0},
    {"minutes", OPTION_COUNT, "N", N_("how long, in minutes"), "duration_min", NULL, 0},
    {"place", OPTION_TEXT, "PLACE", N_("a room, never somebody's home"), "place", NULL, 0},
};

static const struct option_row cancel_options[] = {
    MEETING_ROW,
    {"rest-of-series", OPTION_FLAG, NULL, N_("this one and those after it in its series"),
     "rest_of_series", NULL, 0},
};

static const struct option_row hold_options[] = {
    MEETING_ROW,
    AGENTS_ROW("present", N_("agent who came"), "present_agents"),
    AGENTS_ROW("excused", N_("agent who was excused"), "excused_agents"),
    AGENTS_ROW("absent", N_("agent who did not come"), "absent_agents"),
    CONTACTS_ROW("contact-present", N_("contact who came"), "present_contacts"),
    CONTACTS_ROW("contact-excused", N_("contact who was excused"), "excused_contacts"),
    CONTACTS_ROW("contact-absent", N_("contact who did not come"), "absent_contacts"),
};

static const struct option_row invite_options[] = {
    MEETING_ROW,
    AGENTS_ROW("agent", N_("agent invited: e-mail, name or id"), "agents"),
    CONTACTS_ROW("contact", N_("partner's contact invited: e-mail, name or id"), "contacts"),
};

static const struct option_row agenda_options[] = {
    MEETING_ROW,
    {"situation", OPTION_SITUATION, "SITUATION", N_("a situation: reference or id"),
     "situation", NULL, 0},
    {"by-name", OPTION_FLAG, NULL, N_("to be discussed by name; else by number"), "by_name",
     NULL, 0},
    {"theme", OPTION_CODE, "CODE", N_("list theme"), "theme", "theme", 0},
    {"text", OPTION_TEXT, "TEXT", N_("at most 500 characters (sealed)"), "text", NULL, 0},
};

static const struct option_row strike_options[] = {
    MEETING_ROW,
    {"ITEM", OPTION_COUNT, NULL, N_("number of the item, as meeting show says it"), "item",
     NULL, OPTION_REQUIRED},
};

static const struct option_row instance_options[] = {
    {"CODE", OPTION_CODE, NULL, N_("list instance"), "code", "instance", OPTION_REQUIRED},
    {"attendance", OPTION_CHOICE, "WHO", N_("who may attend"), "attendance",
     "any|institutional|territory|restricted|agents|engaged|supervised", 0},
    {"carries", OPTION_CHOICE, "WHAT", N_("what may be carried"), "content",
     "numbers|collective|need_to_know|agents|one_situation|project|theme", 0},
    {"strategic", OPTION_YESNO, "yes|no", N_("never an individual situation"), "strategic",
     NULL, 0},
    {"charter", OPTION_YESNO, "yes|no", N_("contacts have signed the charter"),
     "charter_required", NULL, 0},
    {"of-territory", OPTION_YESNO, "yes|no", N_("each meeting is of one territory"),
     "per_territory", NULL, 0},
    {"with-end", OPTION_YESNO, "yes|no", N_("each meeting says when its project ends"),
     "end_required", NULL, 0},
    {"every", OPTION_COUNT, "N", N_("rhythm: every so many …"), "rhythm_every", NULL, 0},
    {"unit", OPTION_CHOICE, "UNIT", N_("… weeks, months or years"), "rhythm_unit",
     "week|month|year", 0},
    {"deadline", OPTION_COUNT, "N", N_("held within so many working days"), "deadline_days",
     NULL, 0},
    {"skip-month", OPTION_COUNT, "N", N_("never in this month, 1 to 12; 0 none"),
     "month_skipped", NULL, 0},
    {"lead", OPTION_COUNT, "HOURS", N_("reminder so many hours before"), "lead_hours", NULL,
     OPTION_REPEATED},
};

/* --- commands --- */

/* --- the agenda proposed, the pack of each attendee --- */

#define PREPARED_ROW                                                                           \
    {                                                                                          \
        "MEETING", OPTION_MEETING, NULL, N_("reference or id"), "meeting", NULL,               \
            OPTION_REQUIRED                                                                    \
    }

static const struct column proposal_columns[] = {
    {N_("Why"), "reasons", VIEW_WORD, NULL},
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Decision"), "verb", VIEW_LABEL, "decision"},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("By name"), "nominative", VIEW_MARK, NULL},
    {N_("Decision id"), "decision", VIEW_PLAIN, NULL},
    {N_("Situation id"), "situation", VIEW_PLAIN, NULL},
};
static const struct view proposal_view = {
    .path = "proposal_answer.items",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(proposal_columns),
    .empty = N_("nothing to propose"),
};

static const struct option_row propose_options[] = {PREPARED_ROW};

static const struct option_row accept_options[] = {
    PREPARED_ROW,
    {"everything", OPTION_FLAG, NULL, N_("the first 40 of what is proposed"), "all", NULL, 0},
    {"decision", OPTION_COUNT, "ID", N_("this decision"), "decisions", NULL, OPTION_REPEATED},
    {"situation", OPTION_SITUATION, "REF", N_("this situation: reference or id"), "situations",
     NULL, OPTION_REPEATED},
    {"saisine", OPTION_SAISINE, "NUMBER", N_("this saisine: number or id"), "saisines", NULL,
     OPTION_REPEATED},
};

static const struct option_row pack_options[] = {
    PREPARED_ROW,
    {"for", OPTION_TEXT, "WHO", N_("this attendee’s: e-mail, name or id; else one’s own"), NULL,
     NULL, 0},
    {"output", OPTION_TEXT, "FILE", N_("page to print, made new"), NULL, NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",
     "finalite", OPTION_REQUEST},
};

static const struct command commands[] = {
    {.noun = "meeting",
     .verb = "list",
     .example = "meeting list --territory T3 --from 01/12/2026",
     .summary = N_("meetings you may see, by day"),
     COMMAND_OPTIONS(list_options),
     .request = "meeting_list",
     .view = &list_view},
    {.noun = "meeting",
     .verb = "show",
     .example = "meeting show R-T3-2026-0012 --names",
     .summary = N_("one meeting: who comes, what is on its agenda"),
     COMMAND_OPTIONS(show_options),
     .request = "meeting_get",
     .view = &show_view},
    {.noun = "meeting",
     .verb = "schedule",
     .example = "meeting schedule --instance suivi --territory T3 --day 02/12/2026 --at 14:00 "
                "--every-weeks 3 --count 8",
     .summary = N_("put a meeting, or a series of them, into the calendar"),
     COMMAND_OPTIONS(schedule_options),
     .request = "meeting_schedule"},
    {.noun = "meeting",
     .verb = "reschedule",
     .example = "meeting reschedule R-T3-2026-0012 --day 09/12/2026",
     .summary = N_("move a meeting to another day, time or place"),
     COMMAND_OPTIONS(reschedule_options),
     .request = "meeting_reschedule"},
    {.noun = "meeting",
     .verb = "cancel",
     .example = "meeting cancel R-T3-2026-0012 --rest-of-series",
     .summary = N_("cancel a meeting, or the rest of its series"),
     COMMAND_OPTIONS(cancel_options),
     .request = "meeting_cancel"},
    {.noun = "meeting",
     .verb = "hold",
     .example = "meeting hold R-T3-2026-0012 --present oceane.fischer@mulhouse.example",
     .summary = N_("write down that a meeting took place, and who came"),
     COMMAND_OPTIONS(hold_options),
     .request = "meeting_hold"},
    {.noun = "meeting",
     .verb = "invite",
     .example = "meeting invite R-T3-2026-0012 --contact contact4@partenaire.example",
     .summary = N_("invite to a meeting, within the rules of its kind"),
     COMMAND_OPTIONS(invite_options),
     .request = "meeting_invite"},
    {.noun = "meeting",
     .verb = "uninvite",
     .example = "meeting uninvite R-T3-2026-0012 --contact contact4@partenaire.example",
     .summary = N_("take somebody off the list of those invited"),
     COMMAND_OPTIONS(invite_options),
     .request = "meeting_uninvite"},
    {.noun = "meeting",
     .verb = "agenda",
     .example = "meeting agenda R-T3-2026-0012 --situation T3-2026-0123",
     .summary = N_("put a situation, a theme or a text on the agenda"),
     COMMAND_OPTIONS(agenda_options),
     .request = "meeting_agenda_add"},
    {.noun = "meeting",
     .verb = "strike",
     .example = "meeting strike R-T3-2026-0012 12545",
     .summary = N_("take an item off the agenda"),
     COMMAND_OPTIONS(strike_options),
     .request = "meeting_agenda_remove"},
    {.noun = "meeting",
     .verb = "propose",
     .example = "meeting propose R-T3-2026-0012",
     .summary = N_("what the agenda might hold: decisions not done, reviews due"),
     COMMAND_OPTIONS(propose_options),
     .request = "meeting_propose",
     .view = &proposal_view},
    {.noun = "meeting",
     .verb = "accept",
     .example = "meeting accept R-T3-2026-0012 --everything",
     .summary = N_("put what was proposed on the agenda"),
     COMMAND_OPTIONS(accept_options),
     .request = "agenda_accept"},
    {.noun = "meeting",
     .verb = "pack",
     .example =
         "meeting pack R-T3-2026-0012 --for durand@mulhouse.example --output dossier.html",
     .summary = N_("what one attendee may see of the agenda; the reading is recorded first"),
     COMMAND_OPTIONS(pack_options),
     .request = "meeting_pack",
     .run = command_pack_run},
};
const struct command_group command_meeting_group = {
    "meeting",
    N_("meetings, in this order: schedule, propose, accept, pack, hold; then decision take, "
       "and minutes draft, validate, distribute"),
    commands, sizeof commands / sizeof *commands};

static const struct command instance_commands[] = {
    {.noun = "instance",
     .verb = "list",
     .example = "instance list",
     .summary = N_("kinds of meeting: who may attend, what may be carried"),
     .request = "instance_list",
     .view = &instance_view},
    {.noun = "instance",
     .verb = "set",
     .example = "instance set cddf --charter yes --every 2 --unit month",
     .summary = N_("alter a kind of meeting; what is not named stays as it is"),
     COMMAND_OPTIONS(instance_options),
     .request = "instance_set",
     .run = command_reference_set},
};
const struct command_group command_instance_group = {
    "instance", N_("kinds of meeting and their rules"), instance_commands,
    sizeof instance_commands / sizeof *instance_commands};
