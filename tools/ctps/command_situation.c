#include "command.h"
#include "lang.h"

/* Words of the daemon's own that views translate. */
static const char *const words[] __attribute__((unused)) = {
    N_("status"),   N_("reviewed"),  N_("closed"),      N_("assigned"),
    N_("informed"), N_("postponed"), N_("transferred"), N_("reopened"),
    N_("merged"),   N_("unmerged"),  N_("detached"),
};

static const struct column list_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_LABEL, "etat"},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("District"), "district", VIEW_PLAIN, NULL},
    {N_("Nature"), "nature", VIEW_LABEL, "nature"},
    {N_("Motives"), "motives", VIEW_LABEL, "motif"},
    {N_("Urgency"), "urgency", VIEW_LABEL, "urgence"},
    {N_("Opened"), "opened_day", VIEW_PLAIN, NULL},
    {N_("Next review"), "next_review_day", VIEW_PLAIN, NULL},
    {N_("Late"), "review_overdue", VIEW_MARK, NULL},
    {N_("Lead"), "lead_agent", VIEW_AGENT, NULL},
    {N_("To call"), "call_agent", VIEW_AGENT, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view list_view = {
    .path = "situation_answer.situations",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(list_columns),
    .empty = N_("no situation"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

static const struct column entry_columns[] = {
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Step"), "kind", VIEW_LABEL, "demarche"},
    {N_("Result"), "result", VIEW_LABEL, "resultat"},
    {N_("Author"), "author", VIEW_AGENT, NULL},
    {N_("Partner"), "partner", VIEW_PARTNER, NULL},
    {N_("Oriented to"), "oriented_to", VIEW_LABEL, "type_partenaire"},
    {N_("Transmitted"), "transmitted_us", VIEW_PLAIN, NULL},
    {N_("Mayor informed"), "mayor_informed", VIEW_PLAIN, NULL},
    {N_("Representatives present"), "representatives_present", VIEW_PLAIN, NULL},
    {N_("Why they were not"), "representatives_absent_why", VIEW_PLAIN, NULL},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
    {N_("Corrected"), "corrected_day", VIEW_PLAIN, NULL},
    {N_("Cancelled"), "cancelled", VIEW_MARK, NULL},
    {N_("Why"), "why", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Of"), "merged_from", VIEW_PLAIN, NULL},
};
static const struct view entry_view = {
    .path = "entries", .layout = VIEW_TABLE, VIEW_COLUMNS(entry_columns)};
static const struct column step_columns[] = {
    {N_("Step"), "kind", VIEW_LABEL, "demarche"},
    {N_("Count"), "count", VIEW_PLAIN, NULL},
};
static const struct view step_view = {
    .path = "steps", .layout = VIEW_TABLE, VIEW_COLUMNS(step_columns)};

static const struct column course_columns[] = {
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Course"), "kind", VIEW_WORD, NULL},
    {N_("What"), "code", VIEW_LABEL_BY,
     "kind status=etat reviewed=evolution closed=cloture informed=information"},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("From"), "territory", VIEW_PLAIN, NULL},
    {N_("Until"), "until_day", VIEW_PLAIN, NULL},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
};
static const struct view course_view = {
    .path = "course", .layout = VIEW_TABLE, VIEW_COLUMNS(course_columns)};

static const struct column engagement_columns[] = {
    {N_("Partner"), "partner", VIEW_PARTNER, NULL},
    {N_("Contact"), "contact", VIEW_CONTACT, NULL},
    {N_("Agent"), "agent", VIEW_AGENT, NULL},
    {N_("Role"), "role", VIEW_LABEL, "role_engagement"},
    {N_("Since"), "since_day", VIEW_PLAIN, NULL},
    {N_("Until"), "until_day", VIEW_PLAIN, NULL},
};
static const struct view engagement_view = {
    .path = "engagements", .layout = VIEW_TABLE, VIEW_COLUMNS(engagement_columns)};

static const struct column link_columns[] = {
    {N_("Link"), "kind", VIEW_LABEL, "lien"},
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_LABEL, "etat"},
    {N_("Territory"), "territory", VIEW_PLAIN, NULL},
    {N_("To call"), "call_agent", VIEW_AGENT, NULL},
    {N_("Since"), "day", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view link_view = {
    .path = "links", .layout = VIEW_TABLE, VIEW_COLUMNS(link_columns)};
static const struct view *const show_parts[] = {
    &command_person_view, &entry_view, &engagement_view, &link_view, &step_view,
    &course_view,         NULL};

static const struct column show_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Existence only"), "existence_only", VIEW_MARK, NULL},
    {N_("To call"), "call_agent", VIEW_AGENT, NULL},
    {N_("Legal base"), "legal_base", VIEW_LABEL, "base_legale"},
    {N_("Shared until"), "shared_to_day", VIEW_PLAIN, NULL},
    {N_("Title"), "title", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_LABEL, "etat"},
    {N_("Watch until"), "watch_until_day", VIEW_PLAIN, NULL},
    {N_("Blocked by"), "blocked_by", VIEW_PARTNER, NULL},
    {N_("What blocks"), "blocked_what", VIEW_PLAIN, NULL},
    {N_("Territory"), "territory", VIEW_PLAIN, NULL},
    {N_("District"), "district", VIEW_PLAIN, NULL},
    {N_("Nature"), "nature", VIEW_LABEL, "nature"},
    {N_("Motives"), "motives", VIEW_LABEL, "motif"},
    {N_("Origin"), "origin", VIEW_LABEL, "origine"},
    {N_("Urgency"), "urgency", VIEW_LABEL, "urgence"},
    {N_("Term"), "term", VIEW_LABEL, "terme"},
    {N_("Opened"), "opened_day", VIEW_PLAIN, NULL},
    {N_("Lead"), "lead_agent", VIEW_AGENT, NULL},
    {N_("Age"), "age_band", VIEW_PLAIN, NULL},
    {N_("Sex"), "sex", VIEW_PLAIN, NULL},
    {N_("Evolution"), "evolution", VIEW_LABEL, "evolution"},
    {N_("Next review"), "next_review_day", VIEW_PLAIN, NULL},
    {N_("Late"), "review_overdue", VIEW_MARK, NULL},
    {N_("Closed"), "closed_day", VIEW_PLAIN, NULL},
    {N_("Closed for"), "closing_motive", VIEW_LABEL, "cloture"},
    {N_("Result"), "closing_result", VIEW_LABEL, "resultat"},
    {N_("To be erased"), "erase_due_day", VIEW_PLAIN, NULL},
    {N_("Erased"), "erased", VIEW_MARK, NULL},
    {N_("Restricted"), "restricted", VIEW_MARK, NULL},
    {N_("Restricted since"), "restricted_day", VIEW_PLAIN, NULL},
    {N_("Restricted because"), "restriction_reason", VIEW_PLAIN, NULL},
    {N_("Saisines"), "saisines", VIEW_PLAIN, NULL},
    {N_("Merged into"), "merged_into", VIEW_PLAIN, NULL},
    {N_("Merged in it"), "merged", VIEW_PLAIN, NULL},
    {N_("Oddities"), "warnings", VIEW_WARNING, NULL},
    {N_("Steps"), "entry_count", VIEW_PLAIN, NULL},
    {N_("Last step"), "last_entry_day", VIEW_PLAIN, NULL},
    {N_("Silent"), "silent", VIEW_MARK, NULL},
    {N_("Told on"), "informed_day", VIEW_PLAIN, NULL},
    {N_("Told by means of"), "informed_means", VIEW_LABEL, "information"},
    {N_("Told later, until"), "inform_until_day", VIEW_PLAIN, NULL},
    {N_("Not told"), "not_informed", VIEW_MARK, NULL},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
    {N_("Place"), "place", VIEW_PLAIN, NULL},
};
static const struct view show_view = {
    .path = "situation_answer.situations",
    .layout = VIEW_RECORD,
    VIEW_COLUMNS(show_columns),
    .empty = N_("no situation"),
    .parts = show_parts,
};

#define SITUATION_ROW                                                                          \
    {                                                                                          \
        "SITUATION", OPTION_SITUATION, NULL, N_("reference or id"), "id", NULL,                \
            OPTION_REQUIRED                                                                    \
    }

static const struct option_row list_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"status", OPTION_CODE, "CODE", N_("list etat"), "status", "etat", 0},
    {"lead", OPTION_AGENT, "AGENT", N_("led by: e-mail, name or id"), "lead_agent", NULL, 0},
    {"with-closed", OPTION_FLAG, NULL, N_("closed ones too"), "with_closed", NULL, 0},
    {"overdue-review", OPTION_FLAG, NULL, N_("whose review is overdue"), "overdue_review", NULL,
     0},
    {"silent", OPTION_FLAG, NULL, N_("without an entry for long (rules.silent_days)"), "silent",
     NULL, 0},
    {"not-informed", OPTION_FLAG, NULL,
     N_("whose person was not told in time (rules.inform_days)"), "not_informed", NULL, 0},
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
};

static const struct option_row show_options[] = {
    SITUATION_ROW,
    {"names", OPTION_FLAG, NULL, N_("with names and texts; the reading is recorded first"),
     "nominative", NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",
     "finalite", OPTION_REQUEST},
    {"purpose-text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "purpose_text", NULL,
     OPTION_REQUEST},
};

static const struct option_row status_options[] = {
    SITUATION_ROW,
    {"STATE", OPTION_CODE, NULL, N_("list etat: a_qualifier, suivi, veille or bloquee"),
     "status", "etat", OPTION_REQUIRED},
    {"until", OPTION_DAY, "DATE", N_("veille: watched until this day"), "watch_until_day", NULL,
     0},
    {"blocked-by", OPTION_PARTNER, "PARTNER", N_("bloquee: the partner it waits for"),
     "blocked_by", NULL, 0},
    {"what", OPTION_TEXT, "TEXT", N_("bloquee: what blocks (sealed)"), "blocked_what", NULL, 0},
};

/* What the law and the design ask of some kinds of step. */
#define STEP_RULE_ROWS                                                                         \
    {"representatives-present",                                                                \
     OPTION_YESNO,                                                                             \
     "yes|no",                                                                                 \
     N_("rappel_ordre of a minor: legal representatives present"),                             \
     "representatives_present",                                                                \
     NULL,                                                                                     \
     0},                                                                                       \
        {"representatives-absent-why",                                                         \
         OPTION_TEXT,                                                                          \
         "TEXT",                                                                               \
         N_("or why that is impossible (sealed)"),                                             \
         "representatives_absent_why",                                                         \
         NULL,                                                                                 \
         0},                                                                                   \
        {"transmitted",                                                                        \
         OPTION_INSTANT,                                                                       \
         "DATE-TIME",                                                                          \
         N_("transmission_pcd: when, as 2026-11-20T14:30"),                                    \
         "transmitted_us",                                                                     \
         NULL,                                                                                 \
         0},                                                                                   \
        {"mayor-informed", OPTION_YESNO, "yes|no", N_("transmission_pcd: the mayor was told"), \
         "mayor_informed", NULL,         0},                                                   \
    {                                                                                          \
        "oriented-to", OPTION_CODE, "CODE", N_("orientation: list type_partenaire"),           \
            "oriented_to", "type_partenaire", 0                                                \
    }

static const struct option_row entry_options[] = {
    SITUATION_ROW,
    {"kind", OPTION_CODE, "CODE", N_("the step: list demarche"), "kind", "demarche",
     OPTION_REQUIRED},
    {"day", OPTION_DAY, "DATE", N_("day of the step"), "day", NULL, OPTION_REQUIRED},
    {"result", OPTION_CODE, "CODE", N_("list resultat"), "result", "resultat", 0},
    {"partner", OPTION_PARTNER, "PARTNER", N_("partner involved: name or id"), "partner", NULL,
     0},
    {"text", OPTION_TEXT, "TEXT", N_("at most 500 characters (sealed)"), "text", NULL, 0},
    STEP_RULE_ROWS,
};

static const struct option_row review_options[] = {
    SITUATION_ROW,
    {"day", OPTION_DAY, "DATE", N_("day of the review"), "day", NULL, OPTION_REQUIRED},
    {"evolution", OPTION_CODE, "CODE", N_("list evolution"), "evolution", "evolution",
     OPTION_REQUIRED},
    {"next", OPTION_DAY, "DATE", N_("next review; by the term when not given"),
     "next_review_day", NULL, 0},
};

static const struct option_row close_options[] = {
    SITUATION_ROW,
    {"day", OPTION_DAY, "DATE", N_("closed on this day"), "day", NULL, OPTION_REQUIRED},
    {"motive", OPTION_CODE, "CODE", N_("list cloture"), "motive", "cloture", OPTION_REQUIRED},
    {"result", OPTION_CODE, "CODE", N_("list resultat"), "result", "resultat", 0},
    {"text", OPTION_TEXT, "TEXT", N_("closing words (sealed)"), "text", NULL, 0},
};

static const struct option_row erase_options[] = {
    SITUATION_ROW,
    {"reason", OPTION_CODE, "CODE", N_("list finalite"), "reason", "finalite", OPTION_REQUIRED},
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
};

static const struct option_row restrict_options[] = {
    SITUATION_ROW,
    {"reason", OPTION_TEXT, "TEXT", N_("why, at most 500 characters (sealed)"), "reason", NULL,
     OPTION_REQUIRED},
};

static const struct option_row rekey_options[] = {
    SITUATION_ROW,
    {"reason", OPTION_CODE, "CODE", N_("list finalite"), "reason", "finalite", OPTION_REQUIRED},
    {"drop-person", OPTION_COUNT, "ID", N_("this person goes; may be given several times"),
     "drop_persons", NULL, OPTION_REPEATED},
    {"drop-entry", OPTION_COUNT, "ID",
     N_("this step's text goes, or this saisine's; may be given several times"), "drop_entries",
     NULL, OPTION_REPEATED},
    {"yes", OPTION_FLAG, NULL, N_("do not ask"), NULL, NULL, 0},
};

static const struct option_row certificate_options[] = {
    {"SITUATION", OPTION_SITUATION, NULL, N_("reference or id"), "situation", NULL,
     OPTION_REQUIRED},
    {"output", OPTION_TEXT, "FILE", N_("where the page goes; certificat.html when not given"),
     NULL, NULL, 0},
};

static const struct option_row person_add_options[] = {
    SITUATION_ROW,
    {"last-name", OPTION_TEXT, "NAME", N_("last name (sealed)"), "person.identity.last_name",
     NULL, OPTION_REQUIRED},
    {"first-name", OPTION_TEXT, "NAME", N_("first name (sealed)"), "person.identity.first_name",
     NULL, 0},
    {"born", OPTION_DAY, "DATE", N_("birth date (sealed)"), "person.identity.birth_day", NULL,
     0},
    {"address", OPTION_TEXT, "TEXT", N_("address (sealed)"), "person.identity.address", NULL,
     0},
    {"phone", OPTION_TEXT, "TEXT", N_("phone (sealed)"), "person.identity.phone", NULL, 0},
    {"representatives", OPTION_TEXT, "TEXT", N_("legal representatives of a minor (sealed)"),
     "person.identity.representatives", NULL, 0},
    {"role", OPTION_CHOICE, "ROLE", N_("concerned, victim, witness or relative"), "person.role",
     "concerned|victim|witness|relative", 0},
    {"sex", OPTION_CHOICE, "F|M", N_("sex (sealed)"), "person.sex", "F|M", 0},
};

static const struct option_row person_correct_options[] = {
    SITUATION_ROW,
    {"person", OPTION_COUNT, "ID", N_("id of the person, as the sheet shows it"), "person",
     NULL, OPTION_REQUIRED},
    {"last-name", OPTION_TEXT, "NAME",
     N_("last name; a name given replaces the whole identity (sealed)"), "identity.last_name",
     NULL, 0},
    {"first-name", OPTION_TEXT, "NAME", N_("first name (sealed)"), "identity.first_name", NULL,
     0},
    {"born", OPTION_DAY, "DATE", N_("birth date (sealed)"), "identity.birth_day", NULL, 0},
    {"address", OPTION_TEXT, "TEXT", N_("address (sealed)"), "identity.address", NULL, 0},
    {"phone", OPTION_TEXT, "TEXT", N_("phone (sealed)"), "identity.phone", NULL, 0},
    {"representatives", OPTION_TEXT, "TEXT", N_("legal representatives of a minor (sealed)"),
     "identity.representatives", NULL, 0},
    {"role", OPTION_CHOICE, "ROLE", N_("concerned, victim, witness or relative"), "role",
     "concerned|victim|witness|relative", 0},
    {"sex", OPTION_CHOICE, "F|M", N_("sex (sealed)"), "sex", "F|M", 0},
};

static const struct option_row engage_options[] = {
    SITUATION_ROW,
    {"partner", OPTION_PARTNER, "PARTNER", N_("the partner: name or id"), "partner", NULL, 0},
    {"contact", OPTION_CONTACT, "CONTACT", N_("or the professional, with his partner"),
     "contact", NULL, 0},
    {"agent", OPTION_AGENT, "AGENT", N_("or the agent: e-mail, name or id"), "agent", NULL, 0},
    {"role", OPTION_CODE, "CODE", N_("list role_engagement"), "role", "role_engagement", 0},
    {"since", OPTION_DAY, "DATE", N_("since this day (today)"), "since_day", NULL, 0},
};

static const struct option_row disengage_options[] = {
    SITUATION_ROW,
    {"partner", OPTION_PARTNER, "PARTNER", N_("the partner, and its professionals"), "partner",
     NULL, 0},
    {"contact", OPTION_CONTACT, "CONTACT", N_("or the professional alone"), "contact", NULL, 0},
    {"agent", OPTION_AGENT, "AGENT", N_("or the agent"), "agent", NULL, 0},
    {"until", OPTION_DAY, "DATE", N_("last day (today)"), "until_day", NULL, 0},
};

static const struct option_row link_options[] = {
    {"SITUATION", OPTION_SITUATION, NULL, N_("reference or id"), "a", NULL, OPTION_REQUIRED},
    {"OTHER", OPTION_SITUATION, NULL, N_("the other one: reference or id"), "b", NULL,
     OPTION_REQUIRED},
    {"kind", OPTION_CODE, "CODE", N_("list lien"), "kind", "lien", OPTION_REQUIRED},
};

static const struct option_row unlink_options[] = {
    {"SITUATION", OPTION_SITUATION, NULL, N_("reference or id"), "a", NULL, OPTION_REQUIRED},
    {"other", OPTION_SITUATION, "OTHER", N_("the other one: reference or id"), "b", NULL, 0},
    {"link", OPTION_COUNT, "ID", N_("or the id of the link, as the sheet shows it"), "link",
     NULL, 0},
};

static const struct option_row update_options[] = {
    SITUATION_ROW,
    {"title", OPTION_TEXT, "TEXT", N_("title (sealed)"), "title", NULL, 0},
    {"text", OPTION_TEXT, "TEXT", N_("at most 500 characters (sealed)"), "text", NULL, 0},
    {"place", OPTION_TEXT, "TEXT", N_("exact place (sealed)"), "place", NULL, 0},
    {"motive", OPTION_CODE, "CODE", N_("list motif; all of them when any changes"), "motives",
     "motif", OPTION_REPEATED},
    {"term", OPTION_CODE, "CODE", N_("list terme"), "term", "terme", 0},
    {"urgency", OPTION_CODE, "CODE", N_("list urgence"), "urgency", "urgence", 0},
    {"district", OPTION_DISTRICT, "DISTRICT", N_("district of its territory"), "district", NULL,
     0},
    {"nature", OPTION_CODE, "CODE", N_("list nature"), "nature", "nature", 0},
};

static const struct option_row assign_options[] = {
    SITUATION_ROW,
    {"lead", OPTION_AGENT, "AGENT", N_("led from now on by: e-mail, name or id"), "lead_agent",
     NULL, OPTION_REQUIRED},
};

static const struct option_row inform_options[] = {
    SITUATION_ROW,
    {"day", OPTION_DAY, "DATE", N_("told on this day"), "day", NULL, 0},
    {"means", OPTION_CODE, "CODE", N_("list information"), "means", "information", 0},
    {"by", OPTION_AGENT, "AGENT", N_("told by (you)"), "by_agent", NULL, 0},
    {"why", OPTION_TEXT, "TEXT", N_("or why it is postponed (sealed)"), "why", NULL, 0},
    {"until", OPTION_DAY, "DATE", N_("and until when"), "until_day", NULL, 0},
};

static const struct option_row transfer_options[] = {
    SITUATION_ROW,
    {"territory", OPTION_TERRITORY, "T", N_("to this territory"), "territory", NULL,
     OPTION_REQUIRED},
    {"district", OPTION_DISTRICT, "DISTRICT", N_("and this district of it"), "district", NULL,
     OPTION_REQUIRED},
    {"lead", OPTION_AGENT, "AGENT", N_("led there by (the coordinator there)"), "lead_agent",
     NULL, 0},
    {"text", OPTION_TEXT, "TEXT", N_("why (sealed)"), "text", NULL, 0},
};

static const struct option_row unmerge_options[] = {
    {"SITUATION", OPTION_SITUATION, NULL, N_("the one that ended in another: reference or id"),
     "id", NULL, OPTION_REQUIRED},
    {"text", OPTION_TEXT, "TEXT", N_("why (sealed)"), "text", NULL, 0},
};

static const struct option_row reopen_options[] = {
    SITUATION_ROW,
    {"text", OPTION_TEXT, "TEXT", N_("why (sealed)"), "text", NULL, 0},
};

static const struct option_row correct_options[] = {
    {"SITUATION", OPTION_SITUATION, NULL, N_("reference or id"), "situation", NULL,
     OPTION_REQUIRED},
    {"entry", OPTION_COUNT, "ID", N_("id of the entry, as the sheet shows it"), "entry", NULL,
     OPTION_REQUIRED},
    {"why", OPTION_TEXT, "TEXT", N_("why it is corrected (sealed)"), "why", NULL,
     OPTION_REQUIRED},
    {"cancelled", OPTION_FLAG, NULL, N_("it did not take place"), "cancelled", NULL, 0},
    {"kind", OPTION_CODE, "CODE", N_("the step: list demarche"), "kind", "demarche", 0},
    {"day", OPTION_DAY, "DATE", N_("day of the step"), "day", NULL, 0},
    {"result", OPTION_CODE, "CODE", N_("list resultat"), "result", "resultat", 0},
    {"partner", OPTION_PARTNER, "PARTNER", N_("partner involved: name or id"), "partner", NULL,
     0},
    {"text", OPTION_TEXT, "TEXT", N_("at most 500 characters (sealed)"), "text", NULL, 0},
    STEP_RULE_ROWS,
};

static const struct command commands[] = {
    {.noun = "situation",
     .verb = "list",
     .example = "situation list --territory T3",
     .summary = N_("situations you may see, without names, newest first"),
     COMMAND_OPTIONS(list_options),
     .request = "situation_list",
     .view = &list_view},
    {.noun = "situation",
     .verb = "show",
     .example = "situation show T3-2026-0123 --names --purpose suivi",
     .summary = N_("one situation"),
     COMMAND_OPTIONS(show_options),
     .request = "situation_get",
     .view = &show_view},
    {.noun = "situation",
     .verb = "status",
     .example = "situation status T3-2026-0123 veille --until 15/01/2027",
     .summary = N_("change the state of a situation"),
     COMMAND_OPTIONS(status_options),
     .request = "situation_set_status"},
    {.noun = "situation",
     .verb = "entry",
     .example = "situation entry T3-2026-0123 --kind entretien --day 20/11/2026 --result "
                "realisee",
     .summary = N_("write a step into the timeline"),
     COMMAND_OPTIONS(entry_options),
     .request = "situation_add_entry"},
    {.noun = "situation",
     .verb = "review",
     .example = "situation review T3-2026-0123 --day 20/11/2026 --evolution stable",
     .summary = N_("write down a review"),
     COMMAND_OPTIONS(review_options),
     .request = "situation_review"},
    {.noun = "situation",
     .verb = "close",
     .example = "situation close T3-2026-0123 --day 20/11/2026 --motive resolue",
     .summary = N_("close a situation"),
     COMMAND_OPTIONS(close_options),
     .request = "situation_close"},
    {.noun = "situation",
     .verb = "erase",
     .example = "situation erase T3-2026-0123 --reason droits",
     .summary = N_("order the erasure of a closed situation before its term"),
     COMMAND_OPTIONS(erase_options),
     .request = "situation_erase",
     .question = N_("Erase what is nominative in this situation for ever?")},
    {.noun = "situation",
     .verb = "restrict",
     .example = "situation restrict T3-2026-0123 --reason @motif.txt",
     .summary = N_("stop erasure and further use until lifted (GDPR art. 18)"),
     COMMAND_OPTIONS(restrict_options),
     .request = "situation_restrict"},
    {.noun = "situation",
     .verb = "lift",
     .example = "situation lift T3-2026-0123 --reason @motif.txt",
     .summary = N_("lift a restriction; the erasure is announced anew"),
     COMMAND_OPTIONS(restrict_options),
     .request = "situation_lift"},
    {.noun = "situation",
     .verb = "rekey",
     .example = "situation rekey T3-2026-0123 --drop-person 1289 --reason droits",
     .summary = N_("destroy a person or a step for ever and keep the rest"),
     COMMAND_OPTIONS(rekey_options),
     .request = "situation_rekey",
     .question = N_("Destroy these parts of the situation for ever?")},
    {.noun = "situation",
     .verb = "certificate",
     .example = "situation certificate T3-2026-0123 --output certificat.html",
     .summary = N_("what was erased, when and by whom, to print"),
     COMMAND_OPTIONS(certificate_options),
     .request = "erasure_certificate",
     .run = command_certificate_run},
    {.noun = "situation",
     .verb = "person-add",
     .example = "situation person-add T3-2026-0123 --last-name @nom.txt --role victim",
     .summary = N_("add somebody to a situation"),
     COMMAND_OPTIONS(person_add_options),
     .request = "situation_person_add"},
    {.noun = "situation",
     .verb = "person-correct",
     .example = "situation person-correct T3-2026-0123 --person 16387 --role witness",
     .summary = N_("correct who somebody is"),
     COMMAND_OPTIONS(person_correct_options),
     .request = "situation_person_correct"},
    {.noun = "situation",
     .verb = "engage",
     .example = "situation engage T3-2026-0123 --contact l.meyer@lycee.example --role referent",
     .summary = N_("a partner, a professional or an agent works on it"),
     COMMAND_OPTIONS(engage_options),
     .request = "situation_engage"},
    {.noun = "situation",
     .verb = "disengage",
     .example = "situation disengage T3-2026-0123 --partner \"Lycée du Rebberg\"",
     .summary = N_("and no longer does"),
     COMMAND_OPTIONS(disengage_options),
     .request = "situation_disengage"},
    {.noun = "situation",
     .verb = "link",
     .example = "situation link T3-2026-0123 T1-2026-0045 --kind fratrie",
     .summary = N_("two situations belong together"),
     COMMAND_OPTIONS(link_options),
     .request = "situation_link"},
    {.noun = "situation",
     .verb = "unlink",
     .example = "situation unlink T3-2026-0123 --other T1-2026-0045",
     .summary = N_("they do not, after all"),
     COMMAND_OPTIONS(unlink_options),
     .request = "situation_unlink"},
    {.noun = "situation",
     .verb = "update",
     .example = "situation update T3-2026-0123 --term long --title @titre.txt",
     .summary = N_("change what a sheet says"),
     COMMAND_OPTIONS(update_options),
     .request = "situation_update"},
    {.noun = "situation",
     .verb = "assign",
     .example = "situation assign T3-2026-0123 --lead c.durand@mulhouse.example",
     .summary = N_("give a situation another lead"),
     COMMAND_OPTIONS(assign_options),
     .request = "situation_assign"},
    {.noun = "situation",
     .verb = "inform",
     .example = "situation inform T3-2026-0123 --day 20/11/2026 --means entretien",
     .summary = N_("the person was told, or will be later"),
     COMMAND_OPTIONS(inform_options),
     .request = "situation_inform"},
    {.noun = "situation",
     .verb = "transfer",
     .example = "situation transfer T3-2026-0123 --territory T1 --district Bourtzwiller",
     .summary = N_("give a situation to another territory"),
     COMMAND_OPTIONS(transfer_options),
     .request = "situation_transfer"},
    {.noun = "situation",
     .verb = "reopen",
     .example = "situation reopen T3-2026-0123 --text @motif.txt",
     .summary = N_("open a closed situation again"),
     COMMAND_OPTIONS(reopen_options),
     .request = "situation_reopen"},
    {.noun = "situation",
     .verb = "unmerge",
     .example = "situation unmerge T3-2026-0124 --text @motif.txt",
     .summary = N_("undo a merge made by mistake: what the situation had goes back to it"),
     COMMAND_OPTIONS(unmerge_options),
     .request = "situation_unmerge"},
    {.noun = "situation",
     .verb = "correct",
     .example =
         "situation correct T3-2026-0123 --entry 20481 --day 19/11/2026 --why @motif.txt",
     .summary = N_("correct or cancel a mistaken entry; both versions stay readable"),
     COMMAND_OPTIONS(correct_options),
     .request = "situation_correct_entry"},
};
const struct command_group command_situation_group = {
    "situation", N_("situations that are followed"), commands,
    sizeof commands / sizeof *commands};
