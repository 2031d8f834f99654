"""answer: the one way to ask anything. Reads in one snapshot, as far as the actor's rights reach; writes nothing."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.actions import (
    answer_explain,
    answer_layers,
    answer_planned,
    answer_records,
    answer_registers,
    answer_replenishment,
    answer_reservations,
    answer_rules,
    answer_site,
    answer_structures,
    answer_turnover,
    answer_versions,
    periods,
)
from engine.actions import queries as q
from engine.actions.gather import gather
from engine.actions.open_engine import Engine
from engine.actions.planning import Planning
from engine.actor import Actor
from engine.problems import Problems

ANSWERERS: Final[Mapping[type, Callable[[Any, Planning], dict[str, Any] | Problems]]] = {
    q.GetRecord: answer_records.get_record,
    q.ListRecords: answer_records.list_records,
    q.LookUp: answer_records.look_up,
    q.DescribeForm: answer_records.describe_form,
    q.RecordSchema: answer_records.schema,
    q.RecordHistory: answer_records.history,
    q.DescribeRelease: answer_site.describe_release,
    q.DescribeRegister: answer_registers.describe_register,
    q.Balances: answer_registers.balances,
    q.Turnover: answer_turnover.turnover,
    q.Average: answer_turnover.average,
    q.Layers: answer_layers.layers,
    q.Ageing: answer_layers.ageing,
    q.Forecast: answer_planned.forecast,
    q.Periods: periods.periods,
    q.ExplainBalance: answer_explain.explain_balance,
    q.ExplainMovement: answer_explain.explain_movement,
    q.Genealogy: answer_explain.genealogy,
    q.ReservationsAt: answer_reservations.reservations,
    q.Movements: answer_registers.movements,
    q.Explode: answer_structures.explosion,
    q.WhereUsed: answer_structures.used,
    q.RollUp: answer_structures.rolled_up,
    q.CompareVersions: answer_versions.compared,
    q.DescribeStructure: answer_structures.described,
    q.ShowPlanner: answer_replenishment.planner,
    q.ShowRequirements: answer_replenishment.requirements,
    q.Inbox: answer_site.inbox,
    q.ShowDashboard: answer_site.dashboard,
    q.Notifications: answer_site.notifications,
    q.ListRules: answer_rules.list_rules,
    q.RuleFirings: answer_rules.rule_firings,
}


def answer(engine: Engine, query: q.Query, actor: Actor) -> dict[str, Any] | Problems:
    """What `query` asks, in wire form."""
    with gather(engine, actor) as planning:
        if isinstance(planning, Problems):
            return planning
        return ANSWERERS[type(query)](query, planning)


def health(engine: Engine) -> dict[str, Any]:
    """Is the site up, with which release?"""
    return answer_site.health(engine)
