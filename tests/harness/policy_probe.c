/*
 * policy_probe: judges cases read as lines and prints "allowed existence shared reason", so
 * that a model written in another language can be compared with the policy, and with altered
 * tables.
 *
 * usage: policy_probe [--invert N | --cell N=WORD] < cases
 *        policy_probe --lines | --table
 *   --invert N     what cell N allows is refused and what it refuses is allowed
 *   --cell N=WORD  cell N says WORD instead
 *   --lines        "N who action scope cell" for each cell
 *   --table        the table as docs/policy.md shows it
 *
 * A case is one line of FIELD_COUNT words, in the order of enum case_field; "-" is empty.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_private.h"

enum case_field {
    FIELD_KIND,     /* number of enum principal_kind */
    FIELD_FUNCTION, /* code of the agent's function */
    FIELD_ID,
    FIELD_FROM, /* habilitation */
    FIELD_TO,
    FIELD_TERRITORIES, /* code:delegated:from:to:engaged_only, with commas between */
    FIELD_PARTNER,
    FIELD_ACTIVE,
    FIELD_CHARTER,
    FIELD_GRANTED, /* actions with commas between */
    FIELD_AUDIENCE,
    FIELD_ACTION,
    FIELD_OBJECT, /* number of enum resource_kind */
    FIELD_TERRITORY,
    FIELD_ENGAGED,
    FIELD_CHARGED,
    FIELD_TYPED_BY,
    FIELD_TYPED_US,
    FIELD_REFERRER,
    FIELD_INVITED,
    FIELD_ERASED,
    FIELD_PURPOSE,
    FIELD_SHARE, /* number of enum resource_share */
    FIELD_SHARED_TO,
    FIELD_GLASS_USED,
    FIELD_GLASS_US,
    FIELD_TODAY,
    FIELD_NOW_US,
    FIELD_RIGHTS, /* the purpose stated is a request of the person */
    FIELD_RESTRICTED,
    FIELD_COUNT
};

enum { LINE_LEN = 8192 };

struct test_case {
    struct principal principal;
    struct resource resource;
    struct policy_now now;
    enum action action;
};

static _Noreturn void fail(const char *what, const char *where)
{
    fprintf(stderr, "policy_probe: %s: %s\n", what, where);
    exit(65);
}

static int64_t number_of(const char *text)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        fail("not a number", text);
    return value;
}

static bool flag_of(const char *text)
{
    return number_of(text) != 0;
}

static enum action action_of(const char *name)
{
    enum action action = action_find(name);
    if (action == ACTION_COUNT)
        fail("no such action", name);
    return action;
}

static void copy_code(char out[TERRITORY_CODE_LEN], const char *text)
{
    if (strcmp(text, "-") == 0)
        return;
    if (strlen(text) >= TERRITORY_CODE_LEN)
        fail("territory too long", text);
    memcpy(out, text, strlen(text) + 1);
}

/* Cuts `text` at each `mark` into at most `max` words; returns how many. */
static unsigned cut(char *text, const char *mark, char **words, unsigned max)
{
    unsigned count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, mark, &rest); word; word = strtok_r(NULL, mark, &rest)) {
        if (count == max)
            fail("too many words", word);
        words[count++] = word;
    }
    return count;
}

static void read_territories(struct principal *principal, char *text)
{
    char *items[PRINCIPAL_TERRITORIES_MAX];
    if (strcmp(text, "-") == 0)
        return;
    principal->territory_count = cut(text, ",", items, PRINCIPAL_TERRITORIES_MAX);
    for (unsigned i = 0; i < principal->territory_count; i++) {
        char *parts[5];
        if (cut(items[i], ":", parts, 5) != 5)
            fail("a territory has five parts", items[i]);
        struct principal_territory *territory = &principal->territories[i];
        copy_code(territory->code, parts[0]);
        territory->delegated = flag_of(parts[1]);
        territory->from_day = (int32_t)number_of(parts[2]);
        territory->to_day = (int32_t)number_of(parts[3]);
        territory->educator_reads_engaged_only = flag_of(parts[4]);
    }
}

static void read_granted(struct principal *principal, char *text)
{
    char *names[ACTION_COUNT];
    if (strcmp(text, "-") == 0)
        return;
    unsigned count = cut(text, ",", names, ACTION_COUNT);
    for (unsigned i = 0; i < count; i++)
        principal->granted[action_of(names[i])] = true;
}

static void read_principal(struct principal *principal, char **fields)
{
    principal->kind = (enum principal_kind)number_of(fields[FIELD_KIND]);
    principal->function = agent_function_find(fields[FIELD_FUNCTION]);
    principal->id = (uint64_t)number_of(fields[FIELD_ID]);
    principal->habilitation_from_day = (int32_t)number_of(fields[FIELD_FROM]);
    principal->habilitation_to_day = (int32_t)number_of(fields[FIELD_TO]);
    principal->partner = (uint64_t)number_of(fields[FIELD_PARTNER]);
    principal->contact_active = flag_of(fields[FIELD_ACTIVE]);
    principal->charter_current = flag_of(fields[FIELD_CHARTER]);
    principal->audience_granted = flag_of(fields[FIELD_AUDIENCE]);
    read_territories(principal, fields[FIELD_TERRITORIES]);
    read_granted(principal, fields[FIELD_GRANTED]);
}

static void read_case(struct test_case *one, char *line)
{
    char *fields[FIELD_COUNT];
    if (cut(line, " \n", fields, FIELD_COUNT) != FIELD_COUNT)
        fail("a case has not enough words", line);
    *one = (struct test_case){.action = action_of(fields[FIELD_ACTION])};
    read_principal(&one->principal, fields);
    one->resource.kind = (enum resource_kind)number_of(fields[FIELD_OBJECT]);
    copy_code(one->resource.territory, fields[FIELD_TERRITORY]);
    one->resource.engaged = flag_of(fields[FIELD_ENGAGED]);
    one->resource.charged = flag_of(fields[FIELD_CHARGED]);
    one->resource.typed_by = (uint64_t)number_of(fields[FIELD_TYPED_BY]);
    one->resource.typed_us = number_of(fields[FIELD_TYPED_US]);
    one->resource.referrer_partner = (uint64_t)number_of(fields[FIELD_REFERRER]);
    one->resource.invited = flag_of(fields[FIELD_INVITED]);
    one->resource.erased = flag_of(fields[FIELD_ERASED]);
    one->resource.purpose_stated = flag_of(fields[FIELD_PURPOSE]);
    one->resource.purpose_rights = flag_of(fields[FIELD_RIGHTS]);
    one->resource.restricted = flag_of(fields[FIELD_RESTRICTED]);
    one->resource.share = (enum resource_share)number_of(fields[FIELD_SHARE]);
    one->resource.shared_to_day = (int32_t)number_of(fields[FIELD_SHARED_TO]);
    one->resource.glass_used = flag_of(fields[FIELD_GLASS_USED]);
    one->resource.glass_us = number_of(fields[FIELD_GLASS_US]);
    one->now.today = (int32_t)number_of(fields[FIELD_TODAY]);
    one->now.us = number_of(fields[FIELD_NOW_US]);
}

/* The product's table, the same with the cell at stake refusing, and allowing. */
struct tables {
    struct policy_table plain;
    struct policy_table closed;
    struct policy_table open;
    bool inverting;
};

static uint8_t *cell_at(struct policy_table *table, size_t index)
{
    return &table->cells[index / POLICY_COLUMN_COUNT][index % POLICY_COLUMN_COUNT];
}

static size_t index_of(const char *text)
{
    int64_t index = number_of(text);
    if (index < 0 || index >= (int64_t)ACTION_COUNT * POLICY_COLUMN_COUNT)
        fail("no such cell", text);
    return (size_t)index;
}

static void set_invert(struct tables *tables, const char *index)
{
    tables->inverting = true;
    *cell_at(&tables->closed, index_of(index)) = POLICY_CELL_NEVER;
    *cell_at(&tables->open, index_of(index)) = POLICY_CELL_ALWAYS;
}

static void set_cell(struct tables *tables, char *text)
{
    char *parts[2];
    if (cut(text, "=", parts, 2) != 2)
        fail("want N=WORD", text);
    for (unsigned i = 0; i < POLICY_CELL_COUNT; i++) {
        if (strcmp(policy_cell_word((enum policy_cell)i), parts[1]) == 0) {
            *cell_at(&tables->plain, index_of(parts[0])) = (uint8_t)i;
            return;
        }
    }
    fail("no such cell word", parts[1]);
}

static bool judge(const struct policy_table *table, const struct test_case *one,
                  struct policy_answer *ret_answer)
{
    return policy_judge(table, &one->principal, one->action, &one->resource, &one->now,
                        ret_answer);
}

/* A case goes through the cell at stake when refusing and allowing there differ. */
static void decide(const struct tables *tables, const struct test_case *one,
                   struct policy_answer *ret_answer)
{
    struct policy_answer closed;
    struct policy_answer open;
    judge(&tables->plain, one, ret_answer);
    if (tables->inverting && judge(&tables->open, one, &open) &&
        !judge(&tables->closed, one, &closed))
        *ret_answer = ret_answer->allowed ? closed : open;
}

static void judge_lines(const struct tables *tables)
{
    static char line[LINE_LEN];
    static struct test_case one;
    while (fgets(line, sizeof line, stdin)) {
        struct policy_answer answer;
        if (!strchr(line, '\n'))
            fail("line too long or cut", line);
        read_case(&one, line);
        decide(tables, &one, &answer);
        const char *name = refusal_row(answer.reason)->name;
        printf("%d %d %d %s\n", answer.allowed, answer.existence_only, answer.shared_only,
               *name ? name : "-");
    }
}

static void print_lines(void)
{
    struct policy_line line;
    for (size_t i = 0; policy_line_get(i, &line); i++)
        printf("%zu %s %s %s %s\n", i, line.who, line.action, line.scope, line.cell);
}

static void print_columns(size_t first, size_t end)
{
    struct policy_line line;
    printf("| action |");
    for (size_t i = first; i < end && policy_line_get(i, &line); i++)
        if (strcmp(line.scope, "any") == 0)
            printf(" %s |", line.who);
        else
            printf(" %s %s |", line.who, line.scope);
    printf("\n|---|");
    for (size_t i = first; i < end; i++)
        printf("---|");
    printf("\n");
    for (size_t row = 0; policy_line_get(row, &line); row += POLICY_COLUMN_COUNT) {
        printf("| `%s` |", line.action);
        for (size_t i = first; i < end && policy_line_get(row + i, &line); i++)
            printf(" %s |", line.cell);
        printf("\n");
    }
}

static void print_table(void)
{
    print_columns(POLICY_COLUMN_COORDINATOR_OWN, POLICY_COLUMN_HEAD);
    printf("\n");
    print_columns(POLICY_COLUMN_HEAD, POLICY_COLUMN_COUNT);
}

int main(int argc, char **argv)
{
    struct tables tables = {policy_table, policy_table, policy_table, false};
    const char *option = argc > 1 ? argv[1] : "";
    if (strcmp(option, "--lines") == 0) {
        print_lines();
    } else if (strcmp(option, "--table") == 0) {
        print_table();
    } else {
        if (argc == 3 && strcmp(option, "--invert") == 0)
            set_invert(&tables, argv[2]);
        else if (argc == 3 && strcmp(option, "--cell") == 0)
            set_cell(&tables, argv[2]);
        else if (argc != 1)
            fail("unknown option", option);
        judge_lines(&tables);
    }
    return fflush(stdout) == 0 ? 0 : 74;
}
