#include "domain/principal.h"

#include <string.h>

static const char *const codes[FUNCTION_COUNT] = {
    [FUNCTION_NONE] = "",
    [FUNCTION_COORDINATOR] = "coordinateur",
    [FUNCTION_EDUCATOR] = "educateur",
    [FUNCTION_HEAD] = "responsable",
    [FUNCTION_ASSISTANT] = "assistante",
    [FUNCTION_DPO] = "dpo",
    [FUNCTION_ADMIN] = "admin",
    [FUNCTION_AUDITOR] = "auditeur",
};

enum agent_function agent_function_find(const char *code)
{
    for (unsigned i = FUNCTION_COORDINATOR; i < FUNCTION_COUNT; i++)
        if (strcmp(codes[i], code) == 0)
            return (enum agent_function)i;
    return FUNCTION_NONE;
}

bool principal_is_habilitated(const struct principal *agent, int32_t day)
{
    return agent->habilitation_from_day <= day && day <= agent->habilitation_to_day;
}
