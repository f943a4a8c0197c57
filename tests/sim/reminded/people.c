#include "year.h"

void people_act(struct year *year)
{
    static void (*const acts[])(struct year * year) = {
        meeting_schedule,  meeting_schedule,   meeting_move,      meeting_move,
        meeting_cancel,    meeting_hold,       meeting_hold,      minutes_send,
        decision_take,     decision_take,      decision_complete, decision_complete,
        saisine_receive,   saisine_receive,    saisine_answer,    saisine_answer,
        situation_entry,   situation_entry,    situation_review,  situation_inform,
        situation_close,   rights_open,        rights_answer,     territory_lend,
        territory_return,  situation_restrict, situation_lift,    situation_merge,
        situation_unmerge, meeting_series,
    };

    acts[year_draw(year, sizeof(acts) / sizeof(acts[0]))](year);
    town_forget(&year->town);
}
