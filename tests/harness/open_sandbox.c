/* The defect of S7's control: a sandbox that closes nothing. */
#include <stdio.h>

#include "host/sandbox.h"

enum ctps_code __wrap_sandbox_prepare(const Ctps__LinkStart *start, struct ctps_err *err);
enum ctps_code __wrap_sandbox_close(const Ctps__LinkStart *start, char level[SANDBOX_LEVEL_LEN],
                                    struct ctps_err *err);

enum ctps_code __wrap_sandbox_prepare(const Ctps__LinkStart *start, struct ctps_err *err)
{
    (void)start;
    (void)err;
    return CTPS_OK;
}

enum ctps_code __wrap_sandbox_close(const Ctps__LinkStart *start, char level[SANDBOX_LEVEL_LEN],
                                    struct ctps_err *err)
{
    (void)start;
    (void)err;
    snprintf(level, SANDBOX_LEVEL_LEN, "off");
    return CTPS_OK;
}
