#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void arena_alloc_gives_aligned_zeroed_distinct_memory(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (size_t len = 1; len < 300; len++) {
        uint8_t *room = arena_alloc(&arena, len);

        assert_non_null(room);
        assert_int_equal((uintptr_t)room % 16, 0);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(room[i], 0);
        memset(room, 0xee, len);
    }
    arena_done(&arena);
}

static void arena_alloc_past_the_cap_gives_null(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1024);
    assert_non_null(arena_alloc(&arena, 1000));
    assert_null(arena_alloc(&arena, 32));
    assert_non_null(arena_alloc(&arena, 16));
    assert_null(arena_alloc(&arena, 1));
    arena_reset(&arena);
    assert_non_null(arena_alloc(&arena, 1024));
    arena_done(&arena);
}

static void arena_alloc_impossible_sizes_give_null(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 8));
    assert_non_null(arena_alloc(&arena, 8));
    arena_done(&arena);
}

/* The sanitizer ends the process otherwise. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void arena_without_memory_is_starved_until_reset(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_int_equal(arena_shortage(&arena), CTPS_LIMIT);
    assert_null(arena_alloc(&arena, SIZE_MAX / 2));
    assert_int_equal(arena_shortage(&arena), CTPS_NOMEM);
    assert_non_null(arena_alloc(&arena, 8));
    assert_true(arena.starved);
    arena_reset(&arena);
    assert_false(arena.starved);
    arena_done(&arena);
}

static void arena_within_another_starves_it_too(void **state)
{
    struct arena outer;
    struct arena inner;

    (void)state;
    arena_init(&outer, SIZE_MAX);
    arena_init_within(&inner, SIZE_MAX, &outer);
    assert_null(arena_alloc(&inner, SIZE_MAX / 2));
    assert_true(inner.starved);
    arena_reset(&inner);
    assert_false(inner.starved);
    arena_done(&inner);
    assert_true(outer.starved);
    arena_reset(&outer);
    assert_null(arena_alloc(&inner, SIZE_MAX / 2));
    assert_true(outer.starved);
    arena_done(&inner);
    arena_done(&outer);
}

static void arena_alloc_larger_than_a_block_works(void **state)
{
    struct arena arena;
    uint8_t *large;

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_non_null(arena_alloc(&arena, 10));
    large = arena_alloc(&arena, 100000);
    assert_non_null(large);
    memset(large, 1, 100000);
    assert_non_null(arena_alloc(&arena, 10));
    arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(arena_alloc(&arena, 10));
    arena_done(&arena);
    arena_done(&arena);
}

static void arena_reset_wipes_and_reuses_the_block(void **state)
{
    struct arena arena;
    char *first;
    char *again;

    (void)state;
    arena_init(&arena, 1 << 16);
    first = arena_strdup(&arena, "Benali");
    arena_reset(&arena);
    assert_memory_equal(first, "\0\0\0\0\0\0", 6);
    again = arena_alloc(&arena, 6);
    assert_ptr_equal(first, again);
    arena_done(&arena);
}

static void arena_reused_many_times_gives_zeroed_memory(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 8 << 20);
    for (size_t turn = 0; turn < 4; turn++) {
        /* More than is kept, in blocks of both kinds. */
        for (size_t i = 0; i < 400; i++) {
            size_t len = i % 50 == 49 ? 20000 : 3000 + i * 7;
            uint8_t *room = arena_alloc(&arena, len);

            assert_non_null(room);
            assert_int_equal(room[0], 0);
            assert_memory_equal(room, room + 1, len - 1);
            memset(room, 0xee, len);
        }
        arena_reset(&arena);
    }
    arena_done(&arena);
}

static void arena_copies_hold_the_text(void **state)
{
    struct arena arena;
    char with[] = "text";
    char *copy;

    (void)state;
    arena_init(&arena, 256);
    copy = arena_strdup(&arena, with);
    with[0] = 'T';
    assert_string_equal(copy, "text");
    assert_string_equal(arena_printf(&arena, "%s-%d", "T3", 12), "T3-12");
    assert_memory_equal(arena_copy(&arena, "ab", 2), "ab", 2);
    assert_non_null(arena_copy(&arena, NULL, 0));
    assert_null(arena_printf(&arena, "%300d", 1));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_alloc_gives_aligned_zeroed_distinct_memory),
        cmocka_unit_test(arena_alloc_past_the_cap_gives_null),
        cmocka_unit_test(arena_alloc_impossible_sizes_give_null),
        cmocka_unit_test(arena_without_memory_is_starved_until_reset),
        cmocka_unit_test(arena_within_another_starves_it_too),
        cmocka_unit_test(arena_alloc_larger_than_a_block_works),
        cmocka_unit_test(arena_reset_wipes_and_reuses_the_block),
        cmocka_unit_test(arena_reused_many_times_gives_zeroed_memory),
        cmocka_unit_test(arena_copies_hold_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
