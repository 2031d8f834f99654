"""An auditor who trusts nobody: the rows of a ledger and arithmetic of its own. It knows what the small pack of tests/support/ledger.py promises
and what clients were answered, and nothing of how the engine keeps it. Each check yields what is wrong, in words.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final

from tests.support.fire import EXPECTED, ROOM, Deed
from tests.support.fire_books import KEYS, Books, Row

ONE: Final = 10**6
MEASURES: Final = ("on_hand", "held", "boxes", "value")
COUNTED: Final = MEASURES[:3]
LEFT: Final = {"undo": "undone", "reverse": "reversed", "close": "closed"}
Key = tuple[Any, ...]


def audit(books: Books, deeds: Sequence[Deed]) -> list[str]:
    """All that is wrong."""
    checks: list[Iterator[str]] = [
        _constraints(books), _room(books), _frozen(books), _balances(books), _totals(books), _reservations(books), _planned(books),
        _pools(books), _answers(books, deeds), _written(books, deeds), _undone(books, deeds), _returned(books, deeds), _counts(books, deeds),
    ]  # fmt: skip
    return [wrong for check in checks for wrong in check]


def key_of(row: Row, grain: Sequence[str]) -> Key:
    """The key of a row in a grain."""
    return tuple(row[name] for name in grain)


def by_key(rows: Sequence[Row], grain: Sequence[str]) -> dict[Key, list[Row]]:
    """Rows by the key of a grain, in their order."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[key_of(row, grain)].append(row)
    return found


def is_difference(row: Row) -> bool:
    """Is it what a count booked later, because something was inserted before it?"""
    return row["posting"] == "count" and row["sets"] is None and not row["corrects"]


def moments(books: Books, rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one key, moment by moment: what one record posted in one go is one; what a count booked later, and
    what undid it, belongs to the count."""
    counted = {r["record_id"]: (r["posted_at"], r["id"]) for r in books.movements if r["sets"] is not None}
    counting = {r["id"] for r in books.movements if r["posting"] == "count"}
    groups: dict[Key, list[tuple[int, Row]]] = defaultdict(list)
    for row in rows:
        is_of_count = row["posting"] == "count" or row["reverses"] in counting
        at, order = counted[row["record_id"]] if is_of_count else (row["posted_at"], row["id"])
        groups[row["day"], row["record_id"], at].append((order, row))

    def place(item: tuple[Key, list[tuple[int, Row]]]) -> tuple[int, int]:
        return item[0][0], max(order for order, _ in item[1])

    return [[row for _, row in group] for _, group in sorted(groups.items(), key=place)]


_RULES: Final[Sequence[tuple[str, tuple[str, ...], Callable[[dict[str, int]], bool]]]] = (
    ("available", ("item", "zone"), lambda b: b["on_hand"] >= b["held"]),
    ("on_hand", KEYS, lambda b: b["on_hand"] >= 0),
    ("boxes", ("item", "place"), lambda b: -5 * ONE <= b["boxes"] <= 5 * ONE),
)


def _constraints(books: Books) -> Iterator[str]:
    """At every moment of history, for every key; of the first two for things that may not go negative."""
    for name, grain, holds in _RULES:
        for key, rows in by_key(books.movements, grain).items():
            if key[0] == "neg" and name != "boxes":
                continue
            balance = dict.fromkeys(MEASURES, 0)
            for moment in moments(books, rows):
                for row in moment:
                    for measure in MEASURES:
                        balance[measure] += row[measure]
                if not holds(balance):
                    yield f"{name} of {key} is broken on {date.fromordinal(moment[0]['day'])} after {moment[-1]['id']}: {balance}"
                    break


def _room(books: Books) -> Iterator[str]:
    """How much there is at S, as postings were written one after another."""
    rows = sorted((r for r in books.movements if r["place"] == "S" and r["on_hand"]), key=lambda r: int(r["id"]))
    there = 0
    for at, row in enumerate(rows):
        there += row["on_hand"]
        following = rows[at + 1] if at + 1 < len(rows) else None
        is_last = following is None or (
            not is_difference(following)
            and (following["record_id"], following["posted_at"]) != (row["record_id"], row["posted_at"])
        )
        if is_last and there > ROOM * ONE:
            yield f"there are {there} at S after {row['id']}"


def _frozen(books: Books) -> Iterator[str]:
    """The frozen lot got nothing and gave nothing."""
    if [r["on_hand"] for r in books.movements if r["lot"] == "L3" and r["on_hand"]] != [6 * ONE]:
        yield "the frozen lot moved"


def _balances(books: Books) -> Iterator[str]:
    """Every balance table is the sum of movements."""
    if (
        len(books.balances) != 4
    ):  # the full key and what constraints add up; the frozen lot reads no balance and keeps none
        yield f"there are balances by {list(books.balances)}"
    for grain, kept in books.balances.items():
        sums = {k: {m: sum(r[m] for r in rows) for m in MEASURES} for k, rows in by_key(books.movements, grain).items()}
        there = {key_of(row, grain): {m: row[m] for m in MEASURES} for row in kept}
        for key in {*sums, *there}:
            if sums.get(key, _NONE) != there.get(key, _NONE):
                yield f"balance {grain} {key} is {there.get(key)}, movements say {sums.get(key)}"


_NONE: Final = dict.fromkeys(MEASURES, 0)


def _totals(books: Books) -> Iterator[str]:
    """What came in and went out in each month."""
    sums: Counter[Key] = Counter()
    for row in books.movements:
        day = date.fromordinal(row["day"])
        for measure in MEASURES:
            way = "in" if row[measure] > 0 else "out"
            sums[(*key_of(row, KEYS), day.year * 100 + day.month, f"{way}_{measure}")] += abs(row[measure])
    there: Counter[Key] = Counter()
    for row in books.totals:
        for name in (f"{way}_{m}" for m in MEASURES for way in ("in", "out")):
            there[(*key_of(row, KEYS), row["month"], name)] += row[name]
    for key in {*sums, *there}:
        if sums[key] != there[key]:
            yield f"total {key} is {there[key]}, movements say {sums[key]}"


def _reservations(books: Books) -> Iterator[str]:
    """What is open is what their movements say, and what is kept of them."""
    moved: Counter[str] = Counter()
    for row in books.movements:
        if row["reservation"]:
            moved[row["reservation"]] += row["held"]
        elif row["held"]:
            yield f"movement {row['id']} reserves for nobody"
    for row in books.reservations:
        kept = row["quantity"] - row["posted"] - row["voided"]
        if not moved[row["id"]] == row["open"] == kept or not 0 <= row["open"] <= row["quantity"]:
            yield f"reservation {row['id']} is {row}, movements say {moved[row['id']]}"


def _planned(books: Books) -> Iterator[str]:
    """What is open of a plan is what nobody took off it, unless it was withdrawn."""
    taken: Counter[str] = Counter()
    for row in books.planned:
        if row["fulfils"]:
            taken[row["fulfils"]] += row["quantity"]
    for row in books.planned:
        if row["fulfils"]:
            continue
        left = row["quantity"] + taken[row["id"]]
        wanted = [left] if books.states[row["record_id"]] == "posted" else [0, left]
        if books.states[row["record_id"]] != "closed" and row["open"] not in wanted:
            yield f"plan {row['id']} is open {row['open']}, should be {wanted}"
        if not 0 <= row["open"] * (1 if row["quantity"] > 0 else -1) <= abs(row["quantity"]):
            yield f"plan {row['id']} is open {row['open']} of {row['quantity']}"


def _pools(books: Books) -> Iterator[str]:
    """What a pool is worth is the sum of its movements; nothing at quantity 0; its layers hold exactly what is there."""
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for row in books.movements:
        pool = row["item"], row["zone"], row["lot"] if row["item"] == "byl" else ""
        sums[pool][0] += row["on_hand"]
        sums[pool][1] += row["value"]
    seen = set()
    for row in books.pools:
        pool = row["item"], row["zone"], row["lot"]
        seen.add(pool)
        _, quantity, value, _, layers = row["state"]
        if row["dirty_day"] is not None:
            yield f"pool {pool} waits to be valued again"
        if [quantity, value] != sums[pool]:
            yield f"pool {pool} is {quantity} worth {value}, movements say {sums[pool]}"
        if quantity == 0 and (value or layers):
            yield f"pool {pool} is worth {value} with nothing in it, {layers}"
        if quantity > 0 and [sum(x[1] for x in layers), sum(x[2] for x in layers)] != [quantity, value]:
            yield f"layers of pool {pool} are {layers} for {quantity} worth {value}"
        if quantity >= 0 and value < 0:
            yield f"pool {pool} is worth {value}"
    for pool, (quantity, value) in sums.items():
        if pool not in seen and (quantity or value):
            yield f"there is no pool {pool}"


def _answers(books: Books, deeds: Sequence[Deed]) -> Iterator[str]:
    """Each answer is one that may be; each accepted request is there once, however often it was asked; of a refused one there is nothing."""
    for key, found in groupby(sorted(deeds, key=lambda d: d.key), key=lambda d: d.key):
        asked = list(found)
        own = [d for d in asked if d.verb != "reuse"]
        done = [d for d in own if not d.codes]
        for d in asked:
            if d.error or not set(d.codes) <= EXPECTED:
                yield f"{d.verb} {key} was answered {d.codes} {d.error}"
            if d.verb == "reuse" and d.codes != ("store.request_key_reused",):
                yield f"a key was used again: {key}"
        if len({d.record for d in done}) > 1 or len([d for d in done if not d.replayed]) > 1:
            yield f"{key} was done twice: {done}"
        is_client = "/" in key
        if is_client and books.requests[key] != bool(done):
            yield f"{key} is kept {books.requests[key]} times"
    made = {d.record for d in deeds if not d.codes and d.verb not in LEFT}
    if made != set(books.states):
        yield f"entries nobody was told of, or told of in vain: {made ^ set(books.states)}"


def _written(books: Books, deeds: Sequence[Deed]) -> Iterator[str]:
    """What an accepted request writes is what it said, once; what was acted on is in the state that this leads to."""
    own = by_key([r for r in books.movements if not is_difference(r) and not r["corrects"]], ("record_id",))
    for d in deeds:
        if d.codes or d.replayed:
            continue
        if d.verb in LEFT:
            if books.states[d.record] != LEFT[d.verb]:
                yield f"{d} left {books.states[d.record]}"
            continue
        wrote: Counter[Key] = Counter()
        for row in own.get((d.record,), []):
            if row["reverses"] is None and row["posting"] != "free":
                line = row["posting"], row["item"], row["place"], row["lot"]
                for measure in COUNTED:
                    wrote[(*line, measure)] += 1 if row["posting"] == "count" else row[measure]
        wanted: Counter[Key] = Counter()
        for posting, item, place, lot, *amounts in d.wanted:
            for measure, amount in zip(COUNTED, amounts, strict=True):
                wanted[posting, item, place, lot, measure] += 1 if posting == "count" else amount * ONE
        for line in {*wrote, *wanted}:
            if wrote[line] != wanted[line]:
                yield f"{d} wrote {wrote[line]} for {line}, not {wanted[line]}"


def _undone(books: Books, deeds: Sequence[Deed]) -> Iterator[str]:
    """A record that was undone or reversed has moved nothing in the end, and each of its movements has one opposite."""
    own = by_key(books.movements, ("record_id",))
    for record, state in books.states.items():
        if state not in ("undone", "reversed"):
            continue
        for key, rows in by_key(own.get((record,), []), KEYS).items():
            rest = {m: sum(r[m] for r in rows) for m in COUNTED}
            if any(rest.values()):
                yield f"{state} {record} leaves {rest} at {key}: {[(r['id'], r['posting'], r['on_hand']) for r in rows]}"
    for opposed, times in Counter(r["reverses"] for r in books.movements if r["reverses"]).items():
        if times > 1:
            yield f"movement {opposed} is reversed {times} times"


def _returned(books: Books, deeds: Sequence[Deed]) -> Iterator[str]:
    """No more comes back of an issue than went; nothing of one that was undone."""
    own = by_key([r for r in books.movements if not r["corrects"]], ("record_id",))
    back: Counter[str] = Counter()
    for d in deeds:
        if d.verb == "back" and not d.codes and not d.replayed:
            back[d.of] += sum(r["on_hand"] for r in own[d.record,])
    for record, quantity in back.items():
        gone = -sum(r["on_hand"] for r in own[record,])
        if quantity > gone:
            yield f"{quantity} came back of {record}, but {gone} went ({books.states[record]})"


def _counts(books: Books, deeds: Sequence[Deed]) -> Iterator[str]:
    """A count that stands is what there is at the end of its posting, whatever was inserted before."""
    wanted = {
        (d.record, item, place, lot): quantity * ONE
        for d in deeds
        if d.verb == "count" and not d.codes
        for _, item, place, lot, quantity, _, _ in d.wanted
    }
    undone = {r["reverses"] for r in books.movements}
    for key, rows in by_key(books.movements, KEYS).items():
        there = 0
        for moment in moments(books, rows):
            there += sum(r["on_hand"] for r in moment)
            for count in (r for r in moment if r["sets"] is not None and r["id"] not in undone):
                said = wanted[count["record_id"], *key[:3]]
                if there != said:
                    yield f"{said} was counted at {key} on {date.fromordinal(count['day'])} ({count['id']}), but there are {there}"
