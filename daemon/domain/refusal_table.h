/* Rows X(id, name, rule, French, English). Included several times on purpose: no guard. */
X(MALFORMED, "malformed", "schemas/ctps/command.proto",
  "La requête est mal formée (%s). Rien n’a été fait. Corrigez l’appel et renvoyez-le.",
  "The request is malformed (%s). Nothing was done. Mend the call and send it again.")
X(TOO_LARGE, "too_large", "bus: request limits",
  "La requête dépasse la taille permise (%s). Rien n’a été fait. Envoyez-la en plusieurs fois.",
  "The request is larger than allowed (%s). Nothing was done. Send it in several parts.")
X(TOO_MANY, "too_many", "bus: request limits",
  "Trop de requêtes à la fois. Rien n’a été fait. Attendez quelques secondes et renvoyez.",
  "Too many requests at once. Nothing was done. Wait a few seconds and send again.")
X(KEY_UNKNOWN, "key_unknown", "architecture: life of a command",
  "Cette clé n’est pas ou plus reconnue. Demandez une nouvelle clé à l’administrateur "
  "technique.",
  "This key is not, or no longer, known. Ask the server’s operator for a new one.")
X(ID_REUSED, "id_reused", "architecture: idempotency",
  "Cet identifiant de requête a déjà servi pour un autre contenu. Prenez-en un nouveau.",
  "This request id was already used with another content. Take a new one.")
X(NOT_ALLOWED, "not_allowed", "policy table",
  "Votre fonction ne permet pas cette action (%s). Adressez-vous au responsable du service.",
  "Your function does not allow this action (%s). Ask the head of service.")
X(HABILITATION_MISSING, "habilitation_missing", "domain: agent, habilitation by the mayor",
  "Votre habilitation n’est pas en cours de validité. Demandez un arrêté au responsable du "
  "service.",
  "Your habilitation is not in force. Ask the head of service for a new act of the mayor.")
X(OTHER_TERRITORY, "other_territory", "policy table: existence only elsewhere",
  "Cette situation est suivie dans un autre territoire (%s). Appelez la coordinatrice ou le "
  "coordinateur indiqué.",
  "This is followed in another territory (%s). Call the coordinator named.")
X(PURPOSE_MISSING, "purpose_missing", "policy table: head of service, purpose stated",
  "Indiquez la finalité de cette lecture (--purpose, liste « finalite »).",
  "State the purpose of this reading (--purpose, list “finalite”).")
X(NOT_ENGAGED, "not_engaged", "policy table: educator_reads = engaged",
  "Dans ce territoire, l’éducateur ne lit que les situations où il est engagé. Voyez avec la "
  "coordination.",
  "In this territory an educator reads only the situations he is engaged on. See the "
  "coordinator.")
X(NOMINATIVE_NEVER, "nominative_never", "policy table",
  "Votre fonction n’ouvre jamais de données nominatives. Adressez-vous à la coordination du "
  "territoire.",
  "Your function never opens nominative data. Ask the territory’s coordinator.")
X(TYPED_LONG_AGO, "typed_long_ago", "policy table: assistant, 24 hours",
  "Une saisine que vous avez saisie n’est lisible par vous que pendant 24 heures.",
  "A saisine you typed can be read by you for 24 hours only.")
X(CHARTER_NOT_CURRENT, "charter_not_current", "CSI L132-5: charter of confidentiality",
  "La charte de confidentialité n’est pas signée dans sa version en vigueur. Faites-la signer "
  "d’abord.",
  "The charter of confidentiality is not signed in its current version. Have it signed first.")
X(CONTACT_INACTIVE, "contact_inactive", "policy table: partner contact",
  "Ce contact n’est plus actif. Adressez-vous à la coordination.",
  "This contact is no longer active. Ask the coordination.")
X(CAPABILITY_MISSING, "capability_missing", "policy table: plugin",
  "La configuration n’accorde pas cette capacité à ce programme (%s).",
  "The configuration does not grant this capability to this program (%s).")
X(OPERATOR_NO_CONTENTS, "operator_no_contents", "policy table: local operator",
  "L’opérateur local n’accède jamais au contenu. Utilisez la clé d’un agent habilité.",
  "The local operator never has contents. Use the key of a habilitated agent.")
X(ERASED, "erased", "CNIL 2020, retention: erased means unrecoverable",
  "Ces données ont été effacées, ou leur effacement est ordonné. Elles ne sont plus lisibles.",
  "These data were erased, or their erasure is ordered. They can no longer be read.")
X(ABSENT, "absent", "–", "Introuvable : %s. Vérifiez le numéro.",
  "Not found: %s. Check the number.")
X(FIELD_MISSING, "field_missing", "domain: required fields", "Champ obligatoire manquant : %s.",
  "Required field missing: %s.")
X(FIELD_TOO_LONG, "field_too_long", "domain: short texts",
  "Texte trop long : %s. Raccourcissez-le.", "Text too long: %s. Shorten it.")
X(FIELD_RANGE, "field_range", "domain: values", "Valeur hors limites : %s.",
  "Value out of range: %s.")
X(LIST_VALUE_UNKNOWN, "list_value_unknown", "CNIL 2020: closed lists",
  "Valeur hors liste : %s. Prenez une valeur de la liste (ctps list values).",
  "Not a value of the list: %s. Take one of the list (ctps list values).")
X(LIST_VALUE_RETIRED, "list_value_retired", "domain: closed lists",
  "Valeur retirée de la liste : %s. Prenez une valeur en vigueur.",
  "Value retired from the list: %s. Take one in force.")
X(TERRITORY_UNKNOWN, "territory_unknown", "domain: territories", "Territoire inconnu : %s.",
  "Unknown territory: %s.")
X(DISTRICT_UNKNOWN, "district_unknown", "domain: each district in one territory",
  "Quartier inconnu dans ce territoire : %s.", "Unknown district in this territory: %s.")
X(DISTRICT_TAKEN, "district_taken", "domain: each district in exactly one territory",
  "Ce quartier appartient déjà à un autre territoire : %s.",
  "This district already belongs to another territory: %s.")
X(AGENT_UNKNOWN, "agent_unknown", "domain: agents", "Agent inconnu : %s.", "Unknown agent: %s.")
X(PARTNER_UNKNOWN, "partner_unknown", "domain: partners", "Partenaire inconnu : %s.",
  "Unknown partner: %s.")
X(DATE_ORDER, "date_order", "domain: dates", "Dates dans le mauvais ordre : %s.",
  "Dates in the wrong order: %s.")
X(DATE_FUTURE, "date_future", "domain: dates", "Date dans le futur : %s.",
  "Date in the future: %s.")
X(STATE_WRONG, "state_wrong", "domain: states",
  "L’état actuel ne permet pas cette action : %s.",
  "The present state does not allow this: %s.")
X(MINOR_REPRESENTATIVES, "minor_representatives", "CSI L132-7",
  "Rappel à l’ordre d’un mineur : indiquez la présence des représentants légaux, ou pourquoi "
  "elle est impossible.",
  "Formal reminder to a minor: state that legal representatives are present, or why that is "
  "impossible.")
X(TRANSMISSION_INCOMPLETE, "transmission_incomplete", "CASF L226-2-1",
  "Transmission au président du département : date, heure et information du maire sont "
  "obligatoires.",
  "Transmission to the president of the département: date, time and whether the mayor was told "
  "are mandatory.")
X(NUMBER_TAKEN, "number_taken", "import: a number used twice",
  "Ce numéro de fiche est déjà pris dans ce fichier : %s.",
  "This sheet number is already used in this file: %s.")
X(IMPORT_CHANGED, "import_changed", "import: a changed row is left to a human",
  "La ligne %s a changé depuis son import. Rien n’a été modifié : à reprendre à la main.",
  "Row %s has changed since it was imported. Nothing was altered: take it up by hand.")
X(IMPORT_TOUCHED, "import_touched", "import undo: only while nothing else touched it",
  "Cet import ne peut plus être annulé : %s a été modifié depuis.",
  "This import can no longer be undone: %s was changed since.")
X(EXISTS, "exists", "–", "Existe déjà : %s.", "Already exists: %s.")
X(INCARNATION_WRONG, "incarnation_wrong", "architecture: incarnation",
  "Le journal a été restauré depuis. Reprenez la lecture depuis le début.",
  "The journal was restored since. Read again from the start.")
X(CLOCK_ALARM, "clock_alarm", "architecture: time, clock alarm",
  "L’horloge a fait un bond. Aucune action irréversible tant qu’un opérateur n’a pas confirmé "
  "(ctps clock confirm).",
  "The clock jumped. Nothing irreversible until an operator confirms (ctps clock confirm).")

/* saisine */
X(SAME_SITUATION, "same_situation", "domain: saisine, duplicates",
  "Ces deux saisines sont déjà suivies dans la même situation (%s). Il n’y a rien à "
  "rapprocher.",
  "Both saisines are followed in the same situation already (%s). There is nothing to join.")
X(MERGE_TERRITORIES, "merge_territories", "domain: saisine, duplicates; policy: territories",
  "On ne fusionne pas des situations de deux territoires (%s). Liez-les, ou transférez l’une "
  "d’abord.",
  "Situations of two territories are not merged (%s). Link them, or transfer one first.")
X(MERGE_UNDECIDED, "merge_undecided", "domain: saisine, duplicates",
  "Aucune des deux saisines n’a de situation (%s). Acceptez-en une, puis fusionnez.",
  "Neither saisine has a situation (%s). Accept one of them, then merge.")
X(DUPLICATE_SETTLED, "duplicate_settled", "domain: saisine, decisions on duplicates are kept",
  "Cette paire est déjà décidée ainsi, ou ne peut plus revenir en arrière (%s).",
  "This pair is decided so already, or cannot go back any more (%s).")
X(MERGED, "merged", "domain: saisine, duplicates; docs/sealing.md: merged situations",
  "Cette situation a été fusionnée dans une autre (%s). Agissez sur la situation qui demeure.",
  "This situation was merged into another (%s). Act on the one that remains.")

/* situation */

/* erasure and rights */
X(RESTRICTED, "restricted", "RGPD art. 18; domain: situation, restriction",
  "Cette situation est sous limitation (%s) : elle n’est ni utilisée ni effacée. Seule la "
  "coordination ou le responsable la lit, pour une demande de la personne (--purpose droits). "
  "Levez d’abord la limitation (ctps situation lift).",
  "This situation is restricted (%s): neither used nor erased. Only the coordinator or the "
  "head "
  "reads it, for a request of the person (--purpose droits). Lift the restriction first (ctps "
  "situation lift).")

/* meeting */
X(NOT_INVITED, "not_invited", "policy table: meetings one is invited to",
  "Vous n’êtes pas invité à cette réunion. Adressez-vous à la coordination du territoire.",
  "You are not invited to this meeting. Ask the territory’s coordination.")

/* decision */

/* share */

/* people */
X(HABILITATION_NOT_HELD, "habilitation_not_held", "domain: agent, habilitation by the mayor",
  "Aucune habilitation de cet agent ne court jusqu’à cette date (%s). Voyez le registre "
  "(ctps register habilitations).",
  "No habilitation of this agent reaches that day (%s). See the register (ctps register "
  "habilitations).")

X(LIMIT, "limit", "limits", "Limite atteinte : %s.", "Limit reached: %s.")
X(UNAVAILABLE, "unavailable", "–", "Momentanément impossible : %s. Réessayez.",
  "Not possible at the moment: %s. Try again.")
