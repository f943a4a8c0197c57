#include "vault/rootkey.h"

#include <ctype.h>
#include <stdio.h>

#include "base/civil.h"

enum {
    LINE_COUNT = 4,
    LINE_LEN = SEAL_KEY_LEN / LINE_COUNT,
    CHECK_LEN = 2,
    SEAL_LINE = LINE_COUNT, /* the fifth line: the commitment of the whole */
};

static void line_check(uint8_t out[CHECK_LEN], unsigned line, const uint8_t *bytes)
{
    static const char label[] = "ctps escrow 1";
    uint8_t number = (uint8_t)line;
    uint8_t hash[SEAL_HASH_LEN];
    const struct bytes parts[] = {
        bytes_of(label, sizeof(label) - 1),
        bytes_of(&number, 1),
        bytes_of(bytes, LINE_LEN),
    };

    seal_hash(hash, parts, 3);
    memcpy(out, hash, CHECK_LEN);
    explicit_bzero(hash, sizeof(hash));
}

/* "0123 4567 89ab cdef": groups of four digits. */
static void groups_write(char *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 2, out += 5) {
        hex_encode(out, bytes + i, 2);
        out[4] = i + 2 < len ? ' ' : '\0';
    }
}

static void lines_write(char *out, size_t len, const struct seal_key *key)
{
    char groups[5 * LINE_LEN];
    char check[2 * CHECK_LEN + 1];
    uint8_t sum[CHECK_LEN];
    size_t used = 0;

    for (unsigned i = 0; i < LINE_COUNT; i++) {
        line_check(sum, i, key->bytes + (size_t)i * LINE_LEN);
        groups_write(groups, key->bytes + (size_t)i * LINE_LEN, LINE_LEN);
        hex_encode(check, sum, sizeof(sum));
        used += (size_t)snprintf(out + used, len - used, "    %u:  %s   %s\n", i + 1, groups,
                                 check);
    }
    groups_write(groups, key->commit, sizeof(key->commit));
    snprintf(out + used, len - used, "    5:  %s\n", groups);
    explicit_bzero(groups, sizeof(groups));
}

void rootkey_sheet_write(char out[ROOTKEY_SHEET_LEN], const struct seal_key *key, int32_t day)
{
    char date[CIVIL_TEXT_LEN];
    char lines[256];

    civil_format_iso(date, day);
    lines_write(lines, sizeof(lines), key);
    snprintf(
        out, ROOTKEY_SHEET_LEN,
        "CTPS - FEUILLE DE SÉQUESTRE DE LA CLÉ RACINE / ROOT KEY ESCROW SHEET        %s\n\n"
        "Sans cette clé, les données sont perdues. Qui la détient, avec le disque, les lit.\n"
        "Sous pli scellé, au coffre, hors du lieu du serveur. Jamais dans un ordinateur.\n"
        "Without this key the data are lost. Whoever holds it and the disk reads them.\n"
        "In a sealed envelope, in a safe, away from the server. Never in a computer.\n\n"
        "%s\n"
        "Lignes 1 à 4 : la clé, puis quatre chiffres de contrôle. Ligne 5 : l'ensemble.\n"
        "Lines 1 to 4: the key, then four check digits. Line 5 checks the whole.\n",
        date, lines);
    explicit_bzero(lines, sizeof(lines));
}

static int forgiving_digit(char c)
{
    switch (c) {
    case 'o':
    case 'O':
        return '0';
    case 'i':
    case 'I':
    case 'l':
    case 'L':
        return '1';
    default:
        return isxdigit((unsigned char)c) ? c : 0;
    }
}

/* Gathers exactly 2 * len digits of a line, over blanks and dashes. */
static bool digits_read(uint8_t *out, size_t len, const char *at)
{
    char digits[2 * SEAL_COMMIT_LEN + 1];
    size_t count = 0;
    bool good = true;

    for (; good && *at && *at != '\n'; at++) {
        int digit = forgiving_digit(*at);

        if (digit && count < 2 * len)
            digits[count++] = (char)digit;
        else if (digit || (!isspace((unsigned char)*at) && *at != '-'))
            good = false;
    }
    digits[count] = '\0';
    good = good && hex_decode(out, len, digits);
    explicit_bzero(digits, sizeof(digits));
    return good;
}

/* What stands behind "N:" at the beginning of a line; NULL when there is no such line. */
static const char *line_find(const char *text, unsigned line)
{
    while (text) {
        const char *at = text + strspn(text, " \t\r\n");

        if (at[0] == (char)('1' + line) && at[1] == ':')
            return at + 2;
        text = strchr(at, '\n');
    }
    return NULL;
}

static bool line_read(uint8_t *out, const char *text, unsigned line)
{
    const char *at = line_find(text, line);
    uint8_t both[LINE_LEN + CHECK_LEN];
    uint8_t check[CHECK_LEN];
    bool good = at && digits_read(both, sizeof(both), at);

    if (good) {
        line_check(check, line, both);
        good = memcmp(check, both + LINE_LEN, CHECK_LEN) == 0;
    }
    if (good)
        memcpy(out, both, LINE_LEN);
    explicit_bzero(both, sizeof(both));
    return good;
}

enum ctps_code rootkey_sheet_read(struct seal_key *out, const char *text, struct ctps_err *err)
{
    uint8_t bytes[SEAL_KEY_LEN];
    uint8_t commit[SEAL_COMMIT_LEN];
    const char *last = line_find(text, SEAL_LINE);
    unsigned line = 0;

    while (line < LINE_COUNT && line_read(bytes + (size_t)line * LINE_LEN, text, line))
        line++;
    if (line == LINE_COUNT && last && digits_read(commit, sizeof(commit), last)) {
        seal_key_set(out, bytes);
        line += memcmp(out->commit, commit, sizeof(commit)) == 0;
    }
    explicit_bzero(bytes, sizeof(bytes));
    if (line > SEAL_LINE)
        return CTPS_OK;
    explicit_bzero(out, sizeof(*out));
    return err_set(err, CTPS_INVALID, "escrow sheet: line %u is missing or mistyped", line + 1);
}
