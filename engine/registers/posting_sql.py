"""The posting statement of PostgreSQL: balances of every grain, movements, month totals and the judgement of every constraint, in one.

Lines travel as one JSON parameter. The balance tables are written one after another, each in sorted key order: that is the order in which
rows are locked. Movements come after them, so that the sequence within one key is taken under the key's lock. Only generated identifiers
are put into the text.
"""

from engine.registers.definition import STORAGES
from engine.registers.tables import RegisterTables

TYPES = {"id": "uuid", "text": "text", "date": "date"}
WATCHED, LATE = -1, -2
"""What a returned row is, beside the position of a constraint."""


def posting_statement(tables: RegisterTables, watched: tuple[int, ...] = (), *, judged: bool = True) -> str:
    """The statement. It returns (constraint, grain, slack after, change of slack, key as text[]) for every constraint that broke,
    (LATE, grain, latest day, earliest day of this posting, key) for every balance that has later movements, and (WATCHED, grain,
    0, 0, key and amounts as text[]) for every balance it changed in a `watched` grain; nothing unless it is `judged`."""
    register = tables.register
    typed = [f"k{at} {TYPES[STORAGES[d.kind]]}" for at, d in enumerate(register.dimensions)]
    typed += [f"a{at} bigint" for at in range(len(tables.amounts))]
    typed += ["entry uuid", "corrects uuid", "reason text"] if tables.costs else []
    parts = [
        (
            f"l AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb) AS t(n int, line uuid, posting text, d bigint, e bigint, mo bigint, "
            f"reverses bigint, reservation uuid, sets bigint, form text, record uuid, {', '.join(typed)}))"
        )
    ]
    for at, grain in enumerate(register.grains):
        parts += _balance(tables, at, grain)
    parts += [_movements(tables), _totals(tables)]
    rows: list[str] = []
    if judged:
        rows = [_shorts(tables, at) for at in range(len(register.constraints))]
        rows += [_balances(tables, grain) for grain in watched]
        rows += [_late(tables, at) for at in late_grains(tables)]
    nothing = "SELECT 0, 0, 0::bigint, 0::bigint, ARRAY[]::text[] WHERE false"
    return "WITH " + ",\n".join(parts) + "\n" + "\nUNION ALL\n".join(rows or [nothing])


def late_grains(tables: RegisterTables) -> list[int]:
    """The grains where it matters whether a posting is the latest: those with constraints, and the full key where balances are counted."""
    register = tables.register
    return [
        at
        for at, grain in enumerate(register.grains)
        if any(c.of == grain for c in register.constraints) or (at == 0 and register.counts)
    ]


def _movements(tables: RegisterTables) -> str:
    columns = [
        "posted_at",
        "form",
        "record_id",
        "release",
        "day",
        "effective",
        "line_id",
        "posting",
        "reverses",
        "reservation",
        "sets",
    ]
    values = [
        "%(posted_at)s",
        "coalesce(form, %(form)s)",
        "coalesce(record, %(record)s)",
        "%(release)s",
        "d",
        "e",
        "line",
        "posting",
        "reverses",
        "reservation",
        "sets",
    ]
    if tables.costs is not None:
        columns += ["entry", "corrects", "reason"]
        values += ["entry", "corrects", "reason"]
    into = ", ".join([*columns, *tables.keys, *tables.amounts])
    taken = ", ".join([*values, *_names("k", tables.keys), *_names("a", tables.amounts)])
    last = len(tables.balances) - 1
    return (
        f"m AS (INSERT INTO {tables.movements.name} ({into}) "
        f"SELECT {taken} FROM l WHERE (SELECT count(*) FROM b{last}) >= 0 ORDER BY n)"
    )


def _totals(tables: RegisterTables) -> str:
    turnover = [f"{way}_{name}" for name in tables.amounts for way in ("in", "out")]
    sums = [f"sum(greatest({sign}a{at}, 0))::bigint" for at in range(len(tables.amounts)) for sign in ("", "-")]
    keys, name = ", ".join(_names("k", tables.keys)), tables.totals.name
    added = ", ".join(f"{t} = t.{t} + excluded.{t}" for t in turnover)
    return (
        f"tot AS (INSERT INTO {name} AS t ({', '.join(tables.keys)}, month, {', '.join(turnover)}) "
        f"SELECT {keys}, mo, {', '.join(sums)} FROM l GROUP BY {keys}, mo ORDER BY {keys}, mo "
        f"ON CONFLICT ({', '.join(tables.keys)}, month) DO UPDATE SET {added})"
    )


def _balance(tables: RegisterTables, at: int, grain: tuple[int, ...]) -> list[str]:
    columns = tables.grain_keys(grain)
    keys = ", ".join(f"k{position}" for position in grain)
    sums = ", ".join(f"sum(a{i})::bigint AS a{i}" for i in range(len(tables.amounts)))
    added = ", ".join(f"{name} = b.{name} + excluded.{name}" for name in tables.amounts)
    names = ", ".join((*columns, *tables.amounts, "last"))
    after = f" WHERE (SELECT count(*) FROM b{at - 1}) >= 0" if at else ""
    return [
        f"s{at} AS MATERIALIZED (SELECT {keys}, {sums}, min(d) AS d0, max(d) AS d1 FROM l GROUP BY {keys})",
        (
            f"b{at} AS (INSERT INTO {tables.balances[at].name} AS b ({names}) "
            f"SELECT {keys}, {', '.join(_names('a', tables.amounts))}, d1 FROM s{at}{after} ORDER BY {keys} "
            f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET {added}, last = greatest(b.last, excluded.last) "
            f"RETURNING {', '.join(f'b.{n}' for n in (*columns, *tables.amounts, 'last'))})"
        ),
    ]


def _shorts(tables: RegisterTables, at: int) -> str:
    constraint = tables.register.constraints[at]
    grain = tables.register.grains.index(constraint.of)
    after = _sum([(f, f"b.{name}") for f, name in zip(constraint.factors, tables.amounts, strict=True)])
    after = f"({after} + ({constraint.offset}))"
    change = _sum([(f, f"s.a{i}") for i, f in enumerate(constraint.factors)])
    return (
        f"SELECT {at}, {grain}, {after}, {change}, ARRAY[{_key(tables, grain)}] {_joined(tables, grain)} "
        f"WHERE {change} < 0 AND {after} {'<=' if constraint.strict else '<'} 0"
    )


def _late(tables: RegisterTables, grain: int) -> str:
    return f"SELECT {LATE}, {grain}, b.last, s.d0, ARRAY[{_key(tables, grain)}] {_joined(tables, grain)} WHERE b.last > s.d0"


def _joined(tables: RegisterTables, grain: int) -> str:
    """The balances after the posting beside what it changed."""
    positions = tables.register.grains[grain]
    columns = tables.grain_keys(positions)
    joined = " AND ".join(f"b.{c} = s.k{position}" for c, position in zip(columns, positions, strict=True))
    return f"FROM b{grain} b JOIN s{grain} s ON {joined}"


def _key(tables: RegisterTables, grain: int) -> str:
    return ", ".join(f"b.{c}::text" for c in tables.grain_keys(tables.register.grains[grain]))


def _balances(tables: RegisterTables, grain: int) -> str:
    columns = (*tables.grain_keys(tables.register.grains[grain]), *tables.amounts)
    return f"SELECT {WATCHED}, {grain}, 0::bigint, 0::bigint, ARRAY[{', '.join(f'b.{c}::text' for c in columns)}] FROM b{grain} b"


def _sum(terms: list[tuple[int, str]]) -> str:
    return "(" + (" + ".join(f"({f}) * {name}" for f, name in terms if f) or "0") + ")"


def _names(prefix: str, columns: tuple[str, ...]) -> list[str]:
    return [f"{prefix}{at}" for at in range(len(columns))]


def locking_statement(tables: RegisterTables) -> str:
    """Locks the balances of the full keys in %(lines)s, making those that are not there yet, in the order in which a posting locks them."""
    register = tables.register
    typed = ", ".join(f"k{at} {TYPES[STORAGES[d.kind]]}" for at, d in enumerate(register.dimensions))
    keys = ", ".join(_names("k", tables.keys))
    nothing = ", ".join("0" for _ in (*tables.amounts, "last"))
    return (
        f"INSERT INTO {tables.balances[0].name} AS b ({', '.join((*tables.keys, *tables.amounts, 'last'))}) "
        f"SELECT DISTINCT {keys}, {nothing} FROM jsonb_to_recordset(%(lines)s::jsonb) AS t({typed}) ORDER BY {keys} "
        f"ON CONFLICT ({', '.join(tables.keys)}) DO UPDATE SET last = b.last"
    )
