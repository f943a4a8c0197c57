/* How to reach third parties, or where they live: e-mail addresses, telephones, addresses. */
#include <string.h>

#include "text/fold.h"
#include "text/mask_inside.h"

enum {
    DIGITS_MIN = 6, /* of a known number that is not a whole one */
    DIGITS_FRENCH = 10,
    DIGITS_WORLD_MIN = 8,
    DIGITS_WORLD_MAX = 15, /* E.164 */
    POSTCODE_LEN = 5,
    HOUSE_NUMBER_LEN_MAX = 4,
};

static const char email_label[] = "[courriel]";
static const char phone_label[] = "[téléphone]";
static const char address_label[] = "[adresse]";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* --- e-mail addresses and names of accounts --- */

static bool is_mail_char(char c)
{
    return is_letter(c) || is_digit(c) || (c && strchr(".-_+%'", c));
}

const char *mask_emails(struct text_mask *mask, const char *in, unsigned *count)
{
    struct mask_copy copy = {.arena = mask->arena, .in = in};

    for (const char *sign = strchr(in, '@'); sign; sign = strchr(sign + 1, '@')) {
        size_t from = (size_t)(sign - in);
        size_t to = from + 1;

        while (from > copy.kept && is_mail_char(in[from - 1]))
            from--;
        while (is_mail_char(in[to]))
            to++;
        while (in[to - 1] == '.' || in[to - 1] == '\'')
            to--;
        if (to - (size_t)(sign - in) < 3)
            continue;
        mask_copy_span(&copy, from, to, email_label);
        (*count)++;
    }
    return mask_copy_end(&copy);
}

/* --- telephone numbers --- */

struct number {
    size_t to; /* end in the text */
    unsigned count;
    char digits[DIGITS_WORLD_MAX + 1]; /* inland form of a French one */
};

/* Bytes between two groups of one number: a blank (also one that does not break), a dot, a
 * hyphen, a slash or a bracket; at most two of them. */
static size_t separator_len(const char *in)
{
    size_t len = 0;

    for (unsigned i = 0; i < 2; i++) {
        if (in[len] && strchr(" .-/()", in[len]))
            len++;
        else if (strncmp(in + len, "\xc2\xa0", 2) == 0)
            len += 2;
        else if (strncmp(in + len, "\xe2\x80\xaf", 3) == 0)
            len += 3;
    }
    return len;
}

/* Up to `most` digits from `at` on, with what may stand between them. */
static struct number digits_read(const char *in, size_t at, unsigned most)
{
    struct number number = {.to = at};

    while (number.count < most) {
        size_t gap = number.count ? separator_len(in + at) : 0;

        if (!is_digit(in[at + gap]))
            break;
        at += gap;
        number.digits[number.count++] = in[at++];
        number.to = at;
    }
    number.digits[number.count] = '\0';
    return number;
}

/* "05/11/2026 10": ten digits as well. */
static bool is_date(const char *in)
{
    return is_digit(in[0]) && is_digit(in[1]) && in[2] && strchr("/.-", in[2]) &&
           is_digit(in[3]) && is_digit(in[4]) && in[5] == in[2] &&
           (strncmp(in + 6, "19", 2) == 0 || strncmp(in + 6, "20", 2) == 0) &&
           is_digit(in[8]) && is_digit(in[9]) && !is_digit(in[10]);
}

static bool french_read(const char *in, size_t at, struct number *ret_number)
{
    if (in[at] != '0' || is_date(in + at))
        return false;
    *ret_number = digits_read(in, at, DIGITS_FRENCH);
    return ret_number->count == DIGITS_FRENCH && ret_number->digits[1] != '0' &&
           !is_digit(in[ret_number->to]);
}

/* "+33 (0)6 …" and "0033 6 …" as dialled inland; other countries' as written. */
static bool world_read(const char *in, size_t at, struct number *ret_number)
{
    size_t skip = in[at] == '+' ? 1 : strncmp(in + at, "00", 2) == 0 ? 2 : 0;
    struct number number = digits_read(in, at + skip, 3);
    unsigned trunk = number.digits[2] == '0'; /* dialled inland only: not always written */

    if (!skip)
        return false;
    if (strncmp(number.digits, "33", 2) != 0) {
        *ret_number = digits_read(in, at + skip, DIGITS_WORLD_MAX);
        return ret_number->count >= DIGITS_WORLD_MIN && ret_number->digits[0] != '0';
    }
    number = digits_read(in, at + skip, DIGITS_FRENCH + 1 + trunk);
    if (number.count != DIGITS_FRENCH + 1 + trunk)
        return false;
    memmove(number.digits, number.digits + 1 + trunk, DIGITS_FRENCH + 1);
    number.digits[0] = '0';
    *ret_number = number;
    return true;
}

/* A known number of another shape: four digits of an extension, a number cut short. */
static bool known_read(const struct text_mask *mask, const char *in, size_t at,
                       struct number *ret_number)
{
    for (unsigned i = 0; i < mask->number_count; i++) {
        const char *known = mask->numbers[i].digits;
        struct number number = digits_read(in, at, (unsigned)strlen(known));

        if (strcmp(number.digits, known) != 0 || is_digit(in[number.to]))
            continue;
        *ret_number = number;
        return true;
    }
    return false;
}

static bool number_read(const struct text_mask *mask, const char *in, size_t at,
                        struct number *ret_number)
{
    if (at > 0 && (is_digit(in[at - 1]) || is_letter(in[at - 1])))
        return false;
    return world_read(in, at, ret_number) || french_read(in, at, ret_number) ||
           known_read(mask, in, at, ret_number);
}

static bool is_own(const struct text_mask *mask, const struct number *number)
{
    for (unsigned i = 0; i < mask->number_count; i++)
        if (mask->numbers[i].own && strcmp(mask->numbers[i].digits, number->digits) == 0)
            return true;
    return false;
}

static void number_add(struct text_mask *mask, const struct number *number, bool own)
{
    char *digits = arena_copy(mask->arena, number->digits, sizeof(number->digits));

    if (!digits || mask->number_count == TEXT_MASK_NUMBERS_MAX)
        mask->full = true;
    else
        mask->numbers[mask->number_count++] = (struct text_mask_number){digits, own};
}

void text_mask_phone(struct text_mask *mask, const char *text, bool own)
{
    size_t at = 0;

    while (text[at]) {
        struct number number = digits_read(text, at, DIGITS_WORLD_MAX);

        if (!number_read(mask, text, at, &number) && number.count < DIGITS_MIN) {
            at = number.count ? number.to : at + 1;
            continue;
        }
        number_add(mask, &number, own);
        at = number.to;
    }
}

const char *mask_phones(struct text_mask *mask, const char *in, unsigned *count)
{
    struct mask_copy copy = {.arena = mask->arena, .in = in};

    for (size_t at = 0; in[at];) {
        struct number number;

        if (!number_read(mask, in, at, &number)) {
            at++;
            continue;
        }
        if (!is_own(mask, &number)) {
            mask_copy_span(&copy, at, number.to, phone_label);
            (*count)++;
        }
        at = number.to;
    }
    return mask_copy_end(&copy);
}

/* --- addresses --- */

/* Where an address begins, written out (fold.h). */
static const char *const street_kinds[] = {
    "rue",  "avenue", "boulevard", "place", "allee",   "chemin",    "impasse", "route",
    "quai", "square", "cours",     "cite",  "passage", "residence", "tour",    "faubourg",
};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool is_street_kind(const char *word)
{
    return is_one_of(word, street_kinds, sizeof(street_kinds) / sizeof(street_kinds[0]));
}

static bool is_number(const char *word)
{
    return *word && strspn(word, "0123456789") == strlen(word);
}

static bool is_house_number(const char *word)
{
    static const char *const parts[] = {"bis", "ter", "quater", "a", "b", "c", "d"};

    return (is_number(word) && strlen(word) <= HOUSE_NUMBER_LEN_MAX) ||
           is_one_of(word, parts, sizeof(parts) / sizeof(parts[0]));
}

/* The words of a text as addresses fold them: "12bis" is two, of one place. NULL as
 * mask_tokens_of. */
static struct mask_tokens *pieces_of(struct arena *arena, const char *in)
{
    const struct mask_tokens *words = mask_tokens_of(arena, in);
    size_t room = 2 * strlen(in) + 1;
    struct mask_tokens *pieces =
        words ? arena_alloc(arena, sizeof(*pieces) + room * sizeof(pieces->list[0])) : NULL;

    if (pieces)
        *pieces = (struct mask_tokens){.room = room};
    for (size_t i = 0; pieces && i < words->count; i++) {
        const char *folded = text_fold_address(arena, words->list[i].folded);
        char *copy = folded ? arena_copy(arena, folded, strlen(folded) + 1) : NULL;
        char *rest = NULL;

        if (!copy)
            return NULL;
        for (char *one = strtok_r(copy, " ", &rest); one && pieces->count < room;
             one = strtok_r(NULL, " ", &rest)) {
            pieces->list[pieces->count] = words->list[i];
            pieces->list[pieces->count++].folded = one;
        }
    }
    return pieces;
}

/* The first piece of the street: behind the number, or where its kind is said. */
static size_t street_begin(const struct mask_tokens *pieces)
{
    for (size_t i = 0; i < pieces->count; i++)
        if (is_street_kind(pieces->list[i].folded))
            return i;
    for (size_t i = 0; i < pieces->count; i++)
        if (!is_house_number(pieces->list[i].folded))
            return i;
    return pieces->count;
}

/* Figures and "bis" right before piece `at`; "" without any. */
static const char *number_before(struct arena *arena, const char *in,
                                 const struct mask_tokens *pieces, size_t at, size_t *ret_from)
{
    size_t from = at;
    const char *number = "";

    while (from > 0 && at - from < 2 && is_house_number(pieces->list[from - 1].folded) &&
           mask_is_beside(in, &pieces->list[from - 1], &pieces->list[from], MASK_GAP_MAX))
        from--;
    /* "à la rue" has no number, "3, 12 rue" has one. */
    while (from < at && (!is_number(pieces->list[from].folded) ||
                         (at - from > 1 && is_number(pieces->list[from + 1].folded))))
        from++;
    if (from < at)
        number = arena_printf(arena, "%s%s", pieces->list[from].folded,
                              at - from > 1 ? pieces->list[from + 1].folded : "");
    *ret_from = from;
    return number;
}

void text_mask_address(struct text_mask *mask, const char *text, bool own)
{
    const struct mask_tokens *pieces = pieces_of(mask->arena, text);
    struct text_mask_street street = {.own = own};
    size_t begin;

    if (!pieces || mask->street_count == TEXT_MASK_STREETS_MAX) {
        mask->full = true;
        return;
    }
    begin = street_begin(pieces);
    street.number = number_before(mask->arena, text, pieces, begin, &(size_t){0});
    for (size_t i = begin; i < pieces->count && street.word_count < TEXT_MASK_STREET_WORDS_MAX;
         i++) {
        const struct mask_token *piece = &pieces->list[i];

        if ((is_number(piece->folded) && strlen(piece->folded) == POSTCODE_LEN) ||
            (i > begin + 1 &&
             memchr(text + pieces->list[i - 1].to, ',', piece->from - pieces->list[i - 1].to)))
            break;
        street.words[street.word_count++] = piece->folded;
    }
    /* One word is a district or a town: it points to nobody. */
    if (street.word_count >= 2 && street.number)
        mask->streets[mask->street_count++] = street;
}

static bool is_at(const char *in, const struct mask_tokens *pieces, size_t at,
                  const struct text_mask_street *street)
{
    if (at + street->word_count > pieces->count)
        return false;
    for (size_t i = 0; i < street->word_count; i++)
        if (strcmp(pieces->list[at + i].folded, street->words[i]) != 0 ||
            (i && !mask_is_beside(in, &pieces->list[at + i - 1], &pieces->list[at + i],
                                  MASK_GAP_MAX)))
            return false;
    return true;
}

static bool is_same_street(const struct text_mask_street *a, const struct text_mask_street *b)
{
    if (a->word_count != b->word_count)
        return false;
    for (unsigned i = 0; i < a->word_count; i++)
        if (strcmp(a->words[i], b->words[i]) != 0)
            return false;
    return true;
}

/* In the person's own street only a third party's house is masked. */
static bool is_spared(const struct text_mask *mask, const struct text_mask_street *street,
                      const char *number)
{
    for (unsigned i = 0; i < mask->street_count; i++)
        if (mask->streets[i].own && is_same_street(&mask->streets[i], street))
            return !*number || strcmp(number, mask->streets[i].number) == 0;
    return false;
}

/* The longest known street at `at`, to be masked there; NULL without one. */
static const struct text_mask_street *street_at(const struct text_mask *mask, const char *in,
                                                const struct mask_tokens *pieces, size_t at,
                                                const char *number)
{
    const struct text_mask_street *found = NULL;

    for (unsigned i = 0; i < mask->street_count; i++)
        if (!mask->streets[i].own && is_at(in, pieces, at, &mask->streets[i]) &&
            !is_spared(mask, &mask->streets[i], number) &&
            (!found || mask->streets[i].word_count > found->word_count))
            found = &mask->streets[i];
    return found;
}

const char *mask_addresses(struct text_mask *mask, const char *in, unsigned *count)
{
    struct mask_copy copy = {.arena = mask->arena, .in = in};
    const struct mask_tokens *pieces = mask->street_count ? pieces_of(mask->arena, in) : NULL;

    if (!mask->street_count)
        return in;
    if (!pieces)
        return NULL;
    for (size_t i = 0; i < pieces->count;) {
        size_t from;
        const char *number = number_before(mask->arena, in, pieces, i, &from);
        const struct text_mask_street *street =
            number ? street_at(mask, in, pieces, i, number) : NULL;

        if (!street) {
            i++;
            continue;
        }
        mask_copy_span(&copy, pieces->list[from].from,
                       pieces->list[i + street->word_count - 1].to, address_label);
        (*count)++;
        i += street->word_count;
    }
    return mask_copy_end(&copy);
}
