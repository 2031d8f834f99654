"""The posting statement of PostgreSQL: movements, balances of every grain, month totals and the judgement of every constraint, in one.

Lines travel as one JSON parameter. Each balance table is written in sorted key order, which is the order its rows are locked in. Only
generated identifiers are put into the text.
"""

from engine.registers.definition import STORAGES
from engine.registers.tables import RegisterTables

_TYPES = {"id": "uuid", "text": "text", "date": "date"}


def posting_statement(tables: RegisterTables, watched: tuple[int, ...] = ()) -> str:
    """The statement; it returns (constraint, grain, slack after, change of slack, key as text[]) for every constraint that broke, and
    (-1, grain, 0, 0, key and amounts as text[]) for every balance it changed in a `watched` grain."""
    register = tables.register
    typed = [f"k{at} {_TYPES[STORAGES[d.kind]]}" for at, d in enumerate(register.dimensions)]
    typed += [f"a{at} bigint" for at in range(len(tables.amounts))]
    parts = [
        (
            f"l AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb) AS t(n int, line uuid, posting text, reverses bigint, "
            f"reservation uuid, {', '.join(typed)}))"
        ),
        _movements(tables),
        _totals(tables),
    ]
    for at, grain in enumerate(register.grains):
        parts += _balance(tables, at, grain)
    shorts = [_shorts(tables, at) for at in range(len(register.constraints))]
    shorts += [_balances(tables, grain) for grain in watched]
    nothing = "SELECT 0, 0, 0::bigint, 0::bigint, ARRAY[]::text[] WHERE false"
    return "WITH " + ",\n".join(parts) + "\n" + "\nUNION ALL\n".join(shorts or [nothing])


def _movements(tables: RegisterTables) -> str:
    columns = [
        "effective",
        "posted_at",
        "form",
        "record_id",
        "line_id",
        "posting",
        *tables.keys,
        *tables.amounts,
        "reverses",
        "reservation",
        "release",
    ]
    values = [
        "%(effective)s",
        "%(posted_at)s",
        "%(form)s",
        "%(record)s",
        "line",
        "posting",
        *_names("k", tables.keys),
        *_names("a", tables.amounts),
        "reverses",
        "reservation",
        "%(release)s",
    ]
    return f"m AS (INSERT INTO {tables.movements.name} ({', '.join(columns)}) SELECT {', '.join(values)} FROM l ORDER BY n)"


def _totals(tables: RegisterTables) -> str:
    turnover = [f"{way}_{name}" for name in tables.amounts for way in ("in", "out")]
    sums = [f"sum(greatest({sign}a{at}, 0))::bigint" for at in range(len(tables.amounts)) for sign in ("", "-")]
    keys, name = ", ".join(_names("k", tables.keys)), tables.totals.name
    added = ", ".join(f"{t} = t.{t} + excluded.{t}" for t in turnover)
    return (
        f"tot AS (INSERT INTO {name} AS t ({', '.join(tables.keys)}, month, {', '.join(turnover)}) "
        f"SELECT {keys}, %(month)s::bigint, {', '.join(sums)} FROM l GROUP BY {keys} ORDER BY {keys} "
        f"ON CONFLICT ({', '.join(tables.keys)}, month) DO UPDATE SET {added})"
    )


def _balance(tables: RegisterTables, at: int, grain: tuple[int, ...]) -> list[str]:
    columns = tables.grain_keys(grain)
    keys = ", ".join(f"k{position}" for position in grain)
    sums = ", ".join(f"sum(a{i})::bigint AS a{i}" for i in range(len(tables.amounts)))
    added = ", ".join(f"{name} = b.{name} + excluded.{name}" for name in tables.amounts)
    names = ", ".join((*columns, *tables.amounts))
    return [
        f"s{at} AS MATERIALIZED (SELECT {keys}, {sums} FROM l GROUP BY {keys})",
        (
            f"b{at} AS (INSERT INTO {tables.balances[at].name} AS b ({names}) "
            f"SELECT {keys}, {', '.join(_names('a', tables.amounts))} FROM s{at} ORDER BY {keys} "
            f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET {added} RETURNING {', '.join(f'b.{n}' for n in (*columns, *tables.amounts))})"
        ),
    ]


def _shorts(tables: RegisterTables, at: int) -> str:
    constraint = tables.register.constraints[at]
    grain = tables.register.grains.index(constraint.of)
    after = _sum([(f, f"b.{name}") for f, name in zip(constraint.factors, tables.amounts, strict=True)])
    change = _sum([(f, f"s.a{i}") for i, f in enumerate(constraint.factors)])
    columns = tables.grain_keys(constraint.of)
    joined = " AND ".join(f"b.{c} = s.k{position}" for c, position in zip(columns, constraint.of, strict=True))
    key = ", ".join(f"b.{c}::text" for c in columns)
    return (
        f"SELECT {at}, {grain}, {after}, {change}, ARRAY[{key}] FROM b{grain} b JOIN s{grain} s ON {joined} "
        f"WHERE {change} < 0 AND {after} {'<=' if constraint.strict else '<'} 0"
    )


def _balances(tables: RegisterTables, grain: int) -> str:
    columns = (*tables.grain_keys(tables.register.grains[grain]), *tables.amounts)
    return (
        f"SELECT -1, {grain}, 0::bigint, 0::bigint, ARRAY[{', '.join(f'b.{c}::text' for c in columns)}] FROM b{grain} b"
    )


def _sum(terms: list[tuple[int, str]]) -> str:
    return "(" + (" + ".join(f"({f}) * {name}" for f, name in terms if f) or "0") + ")"


def _names(prefix: str, columns: tuple[str, ...]) -> list[str]:
    return [f"{prefix}{at}" for at in range(len(columns))]
