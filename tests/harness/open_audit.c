/* Two hashes are always the same: linked into ctps with --wrap, for the control of A2. */
#include "audit/merkle.h"

bool __wrap_merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b);

bool __wrap_merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    (void)a;
    (void)b;
    return true;
}
