"""The order in which computed fields are worked out: each after those it reads. A cycle is a problem that names its path."""

from collections.abc import Sequence

from engine.forms import problems
from engine.forms.definition import Field
from engine.forms.reading import Findings


def computed_order(fields: Sequence[Field], findings: Findings, place: tuple[str | int, ...]) -> tuple[str, ...]:
    """The names of the computed fields in order of dependency (declaration order otherwise)."""
    computed = {f.name: f for f in fields if f.computed is not None}
    done: list[str] = []
    finished: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in finished:
            return
        if name in path:
            findings.add(problems.computed_in_a_circle((*path[path.index(name) :], name)), *place)
            finished.update(path)
            return
        expression = computed[name].computed
        assert expression is not None
        for read in sorted({r[0] for r in expression.reads} & computed.keys()):
            visit(read, (*path, name))
        if name not in finished:
            finished.add(name)
            done.append(name)

    for name in computed:
        visit(name, ())
    return tuple(done)
