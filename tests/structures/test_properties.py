"""Properties: on any graph the fast way, the walk with ratios, depth-first rows and a naive recursion come to the same."""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.problems import Problems
from engine.structures import (
    Asked,
    Edge,
    Graph,
    Structure,
    Use,
    Version,
    Versions,
    dated_circle,
    explode,
    graph_on,
    roll_up,
    summarise,
)
from engine.structures import where_used_in_all as used_in_all
from engine.structures.definition import LineRules, Measure
from engine.structures.multiplying import Multiplier
from tests.structures.measures import NUMBER_RULE

QUANTITIES = st.one_of(
    st.integers(0, 9).map(Fraction),
    st.fractions(min_value=0, max_value=9, max_denominator=1000),
    st.integers(2**60, 2**64).map(Fraction),
    st.builds(Fraction, st.just(1), st.integers(2**30, 2**31)),
)


def structure() -> Structure:
    return Structure("s", {"en": "s"}, "f", "p", "l", "c", "t", LineRules(NUMBER_RULE))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph without circles: nodes are numbered so that edges lead to higher ones, then shuffled."""
    count = draw(st.integers(2, 9))
    order = draw(st.permutations(range(count)))
    versions = []
    for node in range(count - 1):
        edges = draw(
            st.lists(
                st.tuples(
                    st.integers(node + 1, count - 1), QUANTITIES, st.booleans(), st.sampled_from([False] * 5 + [True])
                ),
                max_size=4,
            )
        )
        made = [
            Edge(order[c], Use(q, is_phantom=p and not o, is_output=o), at) for at, (c, q, p, o) in enumerate(edges)
        ]
        if made:
            versions.append(Version(UUID(int=node), order[node], made))
    return graph_on(Versions(tuple(UUID(int=100 + n) for n in range(count)), tuple(versions)), None)


def naive(graph: Graph, node: int, demand: Fraction, found: dict[str, dict[int, Fraction]]) -> None:
    """As one would write it in a minute."""
    for edge in graph.below[node]:
        total = demand * edge.use.quantity
        if edge.use.is_output:
            found["output"][edge.component] += total
            continue
        role = "phantom" if edge.use.is_phantom and graph.below[edge.component] else "part"
        found[role][edge.component] += total
        naive(graph, edge.component, total, found)


def asked(graph: Graph, root: int, demand: Fraction) -> Asked:
    return Asked(structure(), graph, root, demand, str)


@settings(max_examples=300, deadline=None)
@given(graphs(), st.integers(0, 8), QUANTITIES)
def test_the_fast_way_is_the_naive_one(graph: Graph, at: int, demand: Fraction) -> None:
    """Summed-up totals, sums of depth-first rows (phantoms shown and collapsed) and a recursion are equal, exactly."""
    root = at % len(graph.nodes)
    expected: dict[str, dict[int, Fraction]] = {r: defaultdict(Fraction) for r in ("part", "phantom", "output")}
    naive(graph, root, demand, expected)
    totals, rows = summarise(asked(graph, root, demand)), explode(asked(graph, root, demand))
    collapsed = explode(asked(graph, root, demand), collapsed=True)
    assert not isinstance(totals, Problems)
    assert not isinstance(rows, Problems)
    assert not isinstance(collapsed, Problems)
    for role, told in (("part", "total"), ("phantom", "phantom"), ("output", "output")):
        wanted = {n: q for n, q in expected[role].items() if q}
        assert {t.node: getattr(t, told) for t in totals if getattr(t, told)} == wanted
        sums: dict[int, Fraction] = defaultdict(Fraction)
        for row in rows if role == "phantom" else collapsed:
            if row.role == role:
                sums[row.node] += row.total
        assert {n: q for n, q in sums.items() if q} == wanted


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_narrow_wide_and_walked_agree(graph: Graph) -> None:
    """64 bits where they fit, long numbers and ratios give the same amounts for every root; levels are longest ways."""
    made = Multiplier(graph)
    for root in range(len(graph.nodes)):
        depth, _ = made._depths(root)
        walked = made.walked(root)
        assert made._scales is not None
        ways = [
            made._unbounded(root, depth),
            *([n] if (n := made._narrow(root, depth)) else []),
        ]
        for parts, phantoms in ways:
            assert [Fraction(a, s) for a, s in zip(parts, made._scales, strict=True)] == walked[0]
            assert [Fraction(a, s) for a, s in zip(phantoms, made._scales, strict=True)] == walked[1]
        for node, amount in made.amounts(root, Fraction(7, 3)).items():
            assert (amount.real, amount.phantom) == tuple(w[node] * Fraction(7, 3) for w in walked)
        for edge in graph.parts(root):
            assert made.level(edge.component) > made.level(root)


@settings(max_examples=200, deadline=None)
@given(graphs(), st.integers(0, 8))
def test_where_used_is_the_explosion_from_below(graph: Graph, at: int) -> None:
    """What one of a parent contains of a component is what where-used tells of the parent."""
    component = at % len(graph.nodes)
    above = used_in_all(asked(graph, component, Fraction(1)))
    assert not isinstance(above, Problems)
    told = {u.node: u.total for u in above}
    for node in range(len(graph.nodes)):
        amount = Multiplier(graph).amounts(node).get(component) if node != component else None
        assert told.get(node) == (None if amount is None else amount.real + amount.phantom)


@settings(max_examples=200, deadline=None)
@given(graphs(), st.lists(st.fractions(max_denominator=100), min_size=9, max_size=9))
def test_roll_up_adds_what_the_explosion_needs(graph: Graph, values: list[Fraction]) -> None:
    """Without co-products a sum over all levels is Σ amount × own value; the longest way is at least that of every part."""
    plain = graph_on(
        Versions(graph.nodes, tuple(Version(UUID(int=n), n, graph.parts(n)) for n in range(len(graph.nodes)))), None
    )
    for root in range(len(plain.nodes)):
        question = asked(plain, root, Fraction(1))
        rolled = roll_up(question, Measure("m", {"en": "m"}, NUMBER_RULE), lambda n: values[n])
        longest = roll_up(question, Measure("m", {"en": "m"}, NUMBER_RULE, "longest"), lambda n: abs(values[n]))
        assert not isinstance(rolled, Problems)
        assert not isinstance(longest, Problems)
        amounts = Multiplier(plain).amounts(root)
        assert rolled[0].value == values[root] + sum(
            ((a.real + a.phantom) * values[n] for n, a in amounts.items()), Fraction(0)
        )
        by_node = {r.node: r.value for r in longest}
        for edge in plain.parts(root):
            assert longest[0].value >= abs(values[root]) + by_node[edge.component]


DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(6)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 5), st.integers(0, 5)), max_size=9))
def test_a_dated_circle_is_one_on_some_day(edges: list[tuple[int, int, int, int]]) -> None:
    """There is a dated circle exactly when on one of the days the edges of that day lead back to the start."""
    dated: dict[UUID, list[tuple[UUID, tuple[date, date]]]] = defaultdict(list)
    for parent, component, first, last in edges:
        if first <= last:
            dated[UUID(int=parent)].append((UUID(int=component), (DAYS[first], DAYS[last])))
    start = UUID(int=0)
    path = dated_circle(start, dated)

    def leads_back(day: date) -> bool:
        seen, waiting = set[UUID](), [start]
        for node in waiting:
            for component, (first, last) in dated.get(node, ()):
                if first <= day <= last and component not in seen:
                    seen.add(component)
                    waiting.append(component)
        return start in seen

    assert (path is not None) == any(leads_back(day) for day in DAYS)
    if path is not None:
        assert path[0] == path[-1] == start
