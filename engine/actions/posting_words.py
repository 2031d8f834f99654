"""A posting rule in words, made from its definition: when it posts, what it adds where, at what cost; one clause a line, so that it can be
read aloud. Fields, forms and measures stand there by their labels; an expression that is more than a field stands as it is written, between
backticks. Of what the reader may not see there is no word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.actions.field_rights import unreadable
from engine.actions.planning import Planning
from engine.actions.posting_phrases import PHRASES
from engine.actions.register_keys import dimension_label
from engine.forms import Form
from engine.names import LANGUAGES, Text, words
from engine.registers import PostingRule, Register
from engine.rules import Checked, write
from engine.rules import tree as t


def posting_words(register: Register, form: str, posting: str, planning: Planning) -> Text | None:
    """The rule by the languages of the engine; None when it is gone from the pack, or belongs to a form that the actor may not read."""
    rule = next((p for p in register.postings if (p.form, p.name) == (form, posting)), None)
    known = planning.release.forms.get(form)
    if rule is None or known is None or planning.grant(known).require("read") is not None:
        return None
    return {language: "\n".join(_Writer(register, rule, known, planning, language).lines()) for language in LANGUAGES}


@dataclass(frozen=True, slots=True)
class _Writer:
    register: Register
    rule: PostingRule
    form: Form
    planning: Planning
    language: str

    def lines(self) -> Iterator[str]:
        """The clauses in the order in which one would say them."""
        rule = self.rule
        yield self._say("first", event=self._event(), rows=self._rows())
        if rule.when is not None:
            yield self._say("when", condition=self._value(rule.when))
        yield from self._does()
        if rule.at:
            yield self._say("at", dimensions=self._join(self._dimensions()))
        yield from self._picked()
        yield from self._cost()
        if rule.effective is not None:
            yield self._say("effective", day=self._value(rule.effective))

    def _say(self, phrase: str, **parts: str) -> str:
        return PHRASES[phrase][LANGUAGES.index(self.language)].format(**parts)

    def _join(self, parts: Iterator[str]) -> str:
        return self._say("and").join(parts)

    def _event(self) -> str:
        kind, _, name = self.rule.on.partition(":")
        form = words(self.form.label, self.language)
        state = next((words(s.label, self.language) for s in self.form.states if s.name == name), name)
        return self._say(kind, a="an" if form[:1].lower() in "aeiou" else "a", form=form, state=state)

    def _rows(self) -> str:
        rows = self.rule.rows
        if rows is None:
            return ""
        table = self.form.field(rows)
        if table is None or not self.planning.grant(self.form).may_read(rows):
            return self._say("rows hidden")
        return self._say("rows", rows=words(table.label, self.language))

    def _does(self) -> Iterator[str]:
        """What is done with the amounts; taking something off is said so, and not as adding less than nothing."""
        rule = self.rule
        parts = {part: self._value(x) for part, x in (("demand", rule.demand), ("due", rule.due)) if x is not None}
        if rule.do in ("void", "unplan", "reverse"):
            yield self._say(rule.do)
            if rule.do == "reverse":
                if self.register.valuation is not None:
                    yield self._say("reverse cost")
                yield self._say("reverse then" if rule.keeps_time else "reverse now")
        elif rule.quantity is not None:
            taken = rule.do == "plan" and isinstance(rule.quantity.tree, t.Negate)
            yield self._say("plan out" if taken else rule.do, amount=self._amount(rule.quantity), **parts)
        for name, amount in rule.add.items():
            phrase = "take" if isinstance(amount.tree, t.Negate) else "add"
            yield self._say(phrase, amount=self._amount(amount), measure=self._measure(name))
        for name, amount in rule.to.items():
            yield self._say("set", amount=self._value(amount), measure=self._measure(name))

    def _measure(self, name: str) -> str:
        return words(self.register.measures[self.register.measure_index(name)].label, self.language)

    def _dimensions(self) -> Iterator[str]:
        """Each dimension, with where it comes from unless that is called the same."""
        for d in self.register.dimensions:
            given = self.rule.at.get(d.name)
            if given is not None:
                label, value = words(dimension_label(d, self.planning), self.language), self._value(given)
                yield label if value == label else self._say("of", dimension=label, value=value)

    def _picked(self) -> Iterator[str]:
        rule, pick = self.rule, self.rule.pick
        if pick is not None:
            if pick.by is not None:
                yield self._say("lowest", by=self._value(pick.by, of_key=True))
            elif pick.order in ("fifo", "lifo"):
                yield self._say(pick.order)
            if pick.only is not None:
                yield self._say("only", condition=self._value(pick.only, of_key=True))
            yield self._say(pick.partial)
        for phrase, value in (("priority", rule.priority), ("expires", rule.expires)):
            if value is not None:
                yield self._say(phrase, value=self._value(value))

    def _cost(self) -> Iterator[str]:
        cost, valuation = self.rule.cost, self.register.valuation
        if cost.postings and valuation is not None:
            weight = self._measure(self.register.measures[valuation.quantity].name)
            if cost.weight is not None:
                weight = self._value(cost.weight)
            names = self._join(f"`{name}`" for name in cost.postings)
            yield self._say("along" if cost.along else "shared", postings=names, weight=weight)
        if cost.own is not None:
            yield self._say("own", value=self._value(cost.own))
        for phrase, record in (("returned", cost.returned), ("onto", cost.onto)):
            if record is not None:
                yield self._say(phrase, record=self._value(record))

    def _amount(self, expression: Checked) -> str:
        """An amount without the minus before it."""
        tree = expression.tree
        return self._told(expression, tree.operand if isinstance(tree, t.Negate) else tree)

    def _value(self, expression: Checked, *, of_key: bool = False) -> str:
        return self._told(expression, expression.tree, of_key=of_key)

    def _told(self, expression: Checked, node: t.Node, *, of_key: bool = False) -> str:
        """A part of an expression: by its label if it is a field, else as it is written. `of_key`: it sees a key of the register instead
        of a row of the form."""
        may_read = self._may_read_of_key if of_key else self._may_read
        if not all(may_read(path) for path in expression.reads):
            return self._say("hidden")
        label = None if of_key else self._label(node)
        if label is not None:
            return label
        written = write(node)  # names that are no plain words have backticks of their own
        return written if "`" in written else f"`{written}`"

    def _label(self, node: t.Node) -> str | None:
        fields: Any = self.form.fields
        match node:
            case t.Name():
                table = self.form.field(self.rule.rows) if self.rule.rows else None
                fields = fields if table is None else table.fields
            case t.Path(source=t.Name(name="record")):
                pass
            case _:
                return None
        return next((words(f.label, self.language) for f in fields if f.name == node.name), None)

    def _may_read(self, path: tuple[str, ...]) -> bool:
        lines, rest = (None, path[1:]) if path[0] == "record" else (self.rule.rows, path)
        return unreadable(rest, self.form, self.planning, lines=lines) is None

    def _may_read_of_key(self, path: tuple[str, ...]) -> bool:
        at = self.register.dimension_index(path[0])
        form = None if at is None else self.register.dimensions[at].form
        return form is None or unreadable(path[1:], self.planning.release.forms[form], self.planning) is None
