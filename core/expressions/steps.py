"""The nodes of a formula, one after another, as columns of a frame.

Polars hands out the nodes of an expression only in a serialised form, which is walked here: what
is not on the lists of `words` is refused. Every node becomes one step, columns made of earlier
ones, so that each can be guarded and none is worked out twice.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from core.errors import InvalidExpression
from core.expressions.exactness import converted, fits, widened
from core.expressions.functions import admitted
from core.expressions.widths import SHOWN, Width, joined
from core.expressions.words import ARITHMETIC, CASTS, COMPARISONS, LOGIC, SCALARS

Node = Any  #: a serialised node: a word, or a JSON object of one key


@dataclass(frozen=True, kw_only=True, slots=True)
class Operand:
    """What a node comes to: a column of the frame, or a literal."""

    tree: Node
    kind: pl.DataType
    width: Width
    fails: pl.Expr | None = None  #: true where the row has no result
    literal: Node = None  #: of a literal: its type and value, serialised

    @property
    def value(self) -> pl.Expr:
        return from_tree(self.tree)

    @property
    def column(self) -> tuple[str, ...]:
        """The columns it takes up in the frame."""
        return () if self.literal else (str(self.tree["Column"]),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Columns put to the frame."""

    makes: tuple[pl.Expr, ...]
    drops: tuple[str, ...] = ()  #: columns nobody needs after it


def from_tree(tree: Node) -> pl.Expr:
    """The expression of a serialised node."""
    return pl.Expr.deserialize(io.BytesIO(json.dumps(tree).encode()), format="json")


def run(frame: pl.DataFrame, steps: Sequence[Step]) -> pl.DataFrame:
    """The frame after the steps."""
    for step in steps:
        frame = frame.with_columns(*step.makes).drop(step.drops)
    return frame


def refuse(what: str) -> InvalidExpression:
    return InvalidExpression(f"the expression asks for something that is not allowed: {what}")


class Builder:
    """Turns nodes into steps. `probe` is a frame with the columns a formula may name.

    Every step is tried on the probe, so that what Polars would refuse on a file is refused now.
    Raises InvalidExpression.
    """

    def __init__(self, probe: pl.DataFrame) -> None:
        self.steps: list[Step] = []
        self._probe = probe
        self._kinds: dict[str, Callable[[Node], Operand]] = {
            "Column": self._column,
            "Literal": self._literal,
            "Cast": self._cast,
            "BinaryExpr": self._binary,
            "Ternary": self._ternary,
            "Function": self._function,
        }

    def build(self, node: Node) -> Operand:
        """The steps that work the node out, and what it comes to."""
        name = next(iter(node)) if isinstance(node, dict) else str(node)
        if name not in self._kinds:
            raise refuse(name)
        return self._kinds[name](node[name])

    def _column(self, name: Node) -> Operand:
        if name not in self._probe.columns:
            raise refuse("another table")
        kind = self._probe.schema[str(name)]
        width = Width(times=1) if kind == pl.String else Width(fixed=SHOWN)
        return Operand(tree={"Column": name}, kind=kind, width=width)

    def _literal(self, value: Node) -> Operand:
        family, inner = next(iter(value.items()))
        if family == "Dyn":
            kind, number = next(iter(inner.items()))
            inner = {"Int64" if kind == "Int" else "Float64": number}
        elif family != "Scalar":
            raise refuse("a list")
        kind, held = next(iter(inner.items()))
        if kind not in SCALARS:
            raise refuse(f"a value of type {kind}")
        tree = {"Literal": {"Scalar": inner}}
        width = Width(fixed=len(held) if isinstance(held, str) else SHOWN)
        dtype = pl.select(from_tree(tree)).dtypes[0]
        return Operand(tree=tree, kind=dtype, width=width, literal=inner)

    def _cast(self, node: Node) -> Operand:
        target = node["dtype"].get("Literal")
        name = next(iter(target)) if isinstance(target, dict) else target
        if name not in CASTS:
            raise refuse(f"the type {name}")
        cell = self.build(node["expr"])
        nothing = {"Literal": {"Scalar": {"Null": "Null"}}}
        after = self._kind({"Cast": {**node, "expr": nothing, "options": "NonStrict"}})
        value = converted(cell.value, cell.kind, after)
        strict = node["options"] == "Strict"
        width = cell.width if cell.kind == pl.String == after else Width(fixed=SHOWN)
        return self._put(value, [cell], width, must=[cell] if strict else [])

    def _binary(self, node: Node) -> Operand:
        operator = node["op"]
        if operator not in ARITHMETIC | LOGIC | COMPARISONS:
            raise refuse(operator)
        left, right = self.build(node["left"]), self.build(node["right"])
        tree = {"BinaryExpr": {"left": left.tree, "op": operator, "right": right.tree}}
        if operator in ARITHMETIC:
            return self._arithmetic(operator, left, right, tree, ("BinaryExpr", "left"))
        if operator not in LOGIC:
            return self._put(from_tree(tree), [left, right], Width())
        self._require_truth(left, right)
        late = right.fails
        if late is not None and operator != "Xor":
            open_ = left.value.fill_null(value=True)
            late = late & (open_ if operator == "And" else ~left.value.fill_null(value=False))
        return self._put(from_tree(tree), [left, right], Width(), fails=[left.fails, late])

    def _ternary(self, node: Node) -> Operand:
        parts = [self.build(node[part]) for part in ("predicate", "truthy", "falsy")]
        self._require_truth(parts[0])
        when, then, otherwise = parts
        tree = {"Ternary": {"predicate": when.tree, "truthy": then.tree, "falsy": otherwise.tree}}
        never = pl.lit(value=False)
        chosen = None
        if then.fails is not None or otherwise.fails is not None:
            chosen = (
                pl.when(when.value)
                .then(never if then.fails is None else then.fails)
                .otherwise(never if otherwise.fails is None else otherwise.fails)
            )
        width = then.width.either(otherwise.width)
        return self._put(from_tree(tree), parts, width, fails=[when.fails, chosen])

    def _function(self, node: Node) -> Operand:
        call = node["function"]
        options = {key: value for key, value in node.items() if key not in ("input", "function")}
        if isinstance(call, dict) and "IsIn" in next(iter(call.values())):
            return self._is_in(node)
        parts = [self.build(part) for part in node["input"]]
        if call == {"Boolean": "Not"}:
            self._require_truth(*parts)
        found = admitted(call, [part.literal for part in parts], [part.width for part in parts])
        tree = {
            "Function": {"input": [p.tree for p in parts], "function": found.function, **options}
        }
        if found.operator:
            left, right = parts
            return self._arithmetic(found.operator, left, right, tree, ("Function", "input", 0))
        if call == {"StringExpr": "Slice"} and not parts[1].literal:
            return self._slice(parts, tree)
        value = from_tree(tree)
        if call == "Abs":
            value = pl.when(value >= 0).then(value)
        return self._put(value, parts, found.width, must=parts if call == "Abs" else [])

    def _slice(self, parts: Sequence[Operand], tree: Node) -> Operand:
        """RIGHT of a text shorter than asked: Polars would count a start before the text from
        its end."""
        safe = f"g{len(self.steps)}"
        self._step(Step(makes=(parts[1].value.clip(lower_bound=0).alias(safe),)))
        tree["Function"]["input"][1] = {"Column": safe}
        return self._put(from_tree(tree), parts, parts[0].width, drops=(safe,))

    def _is_in(self, node: Node) -> Operand:
        cell = self.build(node["input"][0])
        tree = {"Function": {**node, "input": [cell.tree, *node["input"][1:]]}}
        if len(node["input"]) != 2 or set(node["input"][1].get("Literal", ())) != {"Series"}:
            raise refuse("IN another thing than a list of values")
        return self._put(from_tree(tree), [cell], Width())

    def _arithmetic(
        self, operator: str, left: Operand, right: Operand, tree: Node, place: tuple[str | int, ...]
    ) -> Operand:
        kind = self._kind(tree)
        if isinstance(kind, pl.Duration):
            return self._days(left, right, tree)
        if not kind.is_numeric():
            width = joined([left.width, right.width], 0) if kind == pl.String else Width()
            return self._put(from_tree(tree), [left, right], width)
        safe = f"g{len(self.steps)}"
        fit = fits(operator, left.value, right.value, widened(kind) or kind)
        self._step(Step(makes=(pl.when(fit).then(left.value).alias(safe),)))
        at = tree
        for key in place[:-1]:
            at = at[key]
        at[place[-1]] = {"Column": safe}
        return self._put(
            from_tree(tree), [left, right], Width(fixed=SHOWN), must=[left, right], drops=(safe,)
        )

    def _days(self, left: Operand, right: Operand, tree: Node) -> Operand:
        if left.kind != pl.Date or right.kind != pl.Date:
            raise InvalidExpression("take away dates without a time; that gives days")
        return self._put(from_tree(tree).dt.total_days(), [left, right], Width(fixed=SHOWN))

    def _put(
        self,
        value: pl.Expr,
        parts: Sequence[Operand],
        width: Width,
        *,
        must: Sequence[Operand] = (),
        fails: Sequence[pl.Expr | None] | None = None,
        drops: tuple[str, ...] = (),
    ) -> Operand:
        """Put the value to the frame; `must`: it may be null only where one of these is."""
        name, failed = f"t{len(self.steps)}", f"f{len(self.steps)}"
        kind = self._kind_of(value)
        wide = widened(kind)
        if wide is not None:
            value, kind = value.cast(wide), wide
        self._step(Step(makes=(value.alias(name),)))
        reasons = [part.fails for part in parts] if fails is None else list(fails)
        if must:
            given = pl.all_horizontal(*(part.value.is_not_null() for part in must))
            reasons.append(pl.col(name).is_null() & given)
        causes = [reason for reason in reasons if reason is not None]
        makes = (pl.any_horizontal(*causes).alias(failed),) if causes else ()
        used = (*drops, *(c for part in parts for c in part.column if c.startswith("t")))
        gone = (*used, *(f"f{c[1:]}" for c in used if f"f{c[1:]}" in self._probe.columns))
        self._step(Step(makes=makes, drops=tuple(dict.fromkeys(gone))))
        return Operand(
            tree={"Column": name},
            kind=kind,
            width=width,
            fails=pl.col(failed) if causes else None,
        )

    def _step(self, step: Step) -> None:
        try:
            self._probe = run(self._probe, [step])
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise unsuitable(error) from error
        self.steps.append(step)

    def _kind(self, tree: Node) -> pl.DataType:
        return self._kind_of(from_tree(tree))

    def _kind_of(self, value: pl.Expr) -> pl.DataType:
        try:
            return self._probe.lazy().select(value).collect_schema().dtypes()[0]
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise unsuitable(error) from error

    def _require_truth(self, *parts: Operand) -> None:
        for part in parts:
            if part.kind not in (pl.Boolean, pl.Null):
                raise InvalidExpression(
                    "AND, OR, NOT, WHEN and IF want conditions, as age > 3, not plain values"
                )


def unsuitable(error: BaseException) -> InvalidExpression:
    """What Polars says about an expression, in one line."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    said = said.split(" (lhs:")[0].split(" (create native")[0]
    hint = ""
    if any(word in said for word in ("str", "tring", "Utf8")):
        hint = " (cells of a file are text: CAST(x AS DECIMAL(12, 2)) makes a number of one)"
    return InvalidExpression(f"the expression cannot be worked out: {said}{hint}")
