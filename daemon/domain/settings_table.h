/*
 * The numbers a town may tune, each said here and nowhere else:
 *     X(field of struct settings, default, least, most, unit, help)
 * `rules.FIELD` in the configuration, with the same words in its manual page. What the law sets
 * (a month to answer a person, three hours of broken glass) is no setting: it is in the code.
 */
X(charter_years, 3, 1, 10, "years", "How long a signature is current.")
X(answer_working_days, 5, 1, 60, "working days", "A saisine unanswered longer is flagged.")
X(silent_days, 45, 7, 366, "days",
  "An open situation without a step for so long is flagged as silent.")
X(inform_days, 15, 1, 366, "days",
  "The person concerned is told of the follow-up within so many days of its opening; flagged "
  "afterwards (GDPR art. 14).")
X(review_months_short, 1, 1, 24, "months",
  "Until the next review of a situation of short term (terme court), unless it names a day.")
X(review_months_medium, 3, 1, 24, "months",
  "The same of medium term (terme moyen), and of a term a town added.")
X(review_months_long, 6, 1, 24, "months", "The same of long term (terme long).")
X(review_ahead_days, 7, 0, 60, "days",
  "A review stands in the list of the day (ctps today) so many days ahead.")
X(meeting_ahead_days, 7, 0, 60, "days", "The same of a meeting.")
X(decision_ahead_working_days, 3, 0, 30, "working days", "The same of a decision's due day.")
X(minutes_working_days, 5, 1, 60, "working days",
  "Minutes not distributed so long after the meeting are flagged.")
X(expiring_days, 30, 1, 366, "days",
  "A habilitation or a charter's signature is said to expire so many days ahead.")
X(retention_months, 3, 0, 3, "months",
  "Nominative data are kept so long after closing. More than 3 needs a recorded "
  "justification (CNIL): ctps town set --retention-months.")
X(announce_days, 15, 15, 90, "days",
  "An automatic erasure is announced so many days before; never less than 15.")
X(announce_run_days, 5, 5, 15, "days",
  "The daemon must have run on so many days since the announcement.")
X(erase_per_day_max, 50, 1, 100000, "subjects", "At most so many automatic erasures a day.")
X(share_days_max, 183, 1, 1096, "days",
  "Nominative information is shared for so long at most (CSI L132-5, CASF L121-6-2).")
X(feed_kept_days, 90, 7, 366, "days",
  "What a partner's feed said may be read again for so long; its consumer must follow more "
  "often than that.")
X(keyring_backup_days, 30, 1, 366, "days",
  "Keyring backups are kept so long; printed on erasure certificates.")
