"""Rule text: both languages give one tree, text and JSON say the same, and mistakes are told by line and column."""

import os
import random
import time

import pytest

from engine.packs.structure import check_shape
from engine.problems import Problems
from engine.rules.dsl import from_json, parse_rules, to_json, write_rules

ENGLISH = """
// Large issues want a second look.
rule "Large"
about "Over 1,000"
for issue
when changed quantity, item   // and here
if if a > 1 then total > 1000 else false
then
  set needs_approval to string length(code) > 3 and x in [1..5]
  refuse "no " + string(a) at quantity
  warn {en: "x", "zh-CN": "y"} at item
  create order and take submit with item = item, quantity = for i in a, j in b return i, b = 3
  change customer.owner with last = today(), n = n + 1
  take close on order
  take post
  reserve in pieces by hold
  release in pieces
  start approval
  notify role manager that "hello"
  notify user created_by that "hello"
  call webhook "erp" with number = number
  comment "done"

rule "Low" for pieces after balance on_hand - held falls below item.least per item then create purchase with item = item
rule "High" for pieces after balance on_hand rises above 5 then notify role manager that "full"
rule "Late" for each po when schedule "0 8 * * *" on workdays if due < today() then notify role r that "late"
rule "Signed" for po after task sign done as reject then comment "x"
rule "Any task" for po after task done then comment "x"
rule "Hook" for po when webhook "erp" received then create a
rule "Again" for pieces when constraint free holds again then notify role r that "ok"
rule "Broken" for pieces when constraint free breaks then notify role r that "short"
rule "New" for po when created then set a to 1
rule "Gone" for po after deleted then notify role r that "gone"
rule "In" for po when imported then set a to 1
rule "Into" for po when enters open then set a to 1
rule "Out" for po when leaves open then set a to 1
rule "Line" for po when line added to lines if count(added) > 2 then refuse "too many"
rule "Any" for po when changed then set a to 1
"""
CHINESE = """
// Large issues want a second look.
规则 "Large"
说明 "Over 1,000"
对 issue
当 修改 quantity、item 时   // and here
如果 if a > 1 then total > 1000 else false
则
  设 needs_approval 为 string length(code) > 3 and x in [1..5]
  拒绝 "no " + string(a) 位于 quantity
  警告 {en: "x", "zh-CN": "y"} 位于 item；
  创建 order 并执行 submit 其中 item = item，quantity = for i in a, j in b return i，b = 3
  更改 customer.owner 其中 last = today(), n = n + 1
  执行 close 针对 order
  执行 post
  预留 pieces 依 hold
  释放 pieces
  启动 approval
  通知 角色 manager 内容 "hello"
  通知 用户 created_by 内容 "hello"
  调用 接口 "erp" 其中 number = number
  备注 "done"

规则 "Low" 对 pieces 在 结存 on_hand - held 低于 item.least 按 item 之后 则 创建 purchase 其中 item = item
规则 "High" 对 pieces 在 结存 on_hand 高于 5 之后 则 通知 角色 manager 内容 "full"
规则 "Late" 对 每个 po 当 定时 "0 8 * * *" 仅工作日 如果 due < today() 则 通知 角色 r 内容 "late"
规则 "Signed" 对 po 在 任务 sign 完成 结果 reject 之后 则 备注 "x"
规则 "Any task" 对 po 在 任务 完成 之后 则 备注 "x"
规则 "Hook" 对 po 当 接口 "erp" 收到 则 创建 a
规则 "Again" 对 pieces 当 约束 free 恢复 则 通知 角色 r 内容 "ok"
规则 "Broken" 对 pieces 当 约束 free 被打破 则 通知 角色 r 内容 "short"
规则 "New" 对 po 当 新建 时 则 设 a 为 1
规则 "Gone" 对 po 在 删除 之后 则 通知 角色 r 内容 "gone"
规则 "In" 对 po 当 导入 时 则 设 a 为 1
规则 "Into" 对 po 当 进入 open 时 则 设 a 为 1
规则 "Out" 对 po 当 离开 open 时 则 设 a 为 1
规则 "Line" 对 po 当 增行 lines 时 如果 count(added) > 2 则 拒绝 "too many"
规则 "Any" 对 po 当 修改 时 则 设 a 为 1
"""


def rules(text: str):  # type: ignore[no-untyped-def]
    found = parse_rules(text)
    assert not isinstance(found, Problems), [(p.code, dict(p.params)) for p in found]
    return found


def test_both_languages_give_one_tree() -> None:
    """The same rules in Chinese and in English are the same rules."""
    assert rules(ENGLISH) == rules(CHINESE)
    assert len(rules(ENGLISH)) == 16


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_text_and_tree_are_lossless(language: str) -> None:
    """Rules written out and read again are the same, comments included; writing is a fixed point."""
    found = rules(ENGLISH)
    text = write_rules(found, language)
    assert rules(text) == found
    assert write_rules(rules(text), language) == text
    assert found[0].comments == ("Large issues want a second look.", "and here")


def test_json_and_tree_are_lossless() -> None:
    """Rules as JSON have the shape of the schema and are the same when read back."""
    found = rules(ENGLISH)
    body = {"rules": "main", "items": [to_json(r) for r in found]}
    assert check_shape("rules", body) == []
    assert tuple(from_json(json) for json in body["items"]) == found  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("hello", "rules.rule_syntax", 1, 1),
        ('rule "a"', "rules.ends_too_early", 1, 9),
        ('rule "a" for x when created', "rules.ends_too_early", 1, 28),
        ('rule "a" for x when created then', "rules.ends_too_early", 1, 33),
        ('rule "a" for x when created then fly', "rules.rule_syntax", 1, 34),
        ('rule "a" for x when created\nif 1 + then set a to 1', "rules.ends_too_early", 2, 7),
        ('rule "a" for x when created\nthen set a to 1 +', "rules.ends_too_early", 2, 18),
        ('rule "a" for x when created\nthen\n  set a to 1 ) 2', "rules.syntax", 3, 14),
        ('rule "a" for x when created then set a to ^', "rules.rule_syntax", 1, 43),
        ('rule "a" for x\nwhen fell then set a to 1', "rules.rule_syntax", 2, 6),
        ('rule "a" for x when created then set a = 1', "rules.rule_syntax", 1, 40),
        ('rule "a" for x when created\nthen create y with b = 1, b = 2', "rules.twice", 2, 31),
    ],
)
def test_mistakes_have_a_place(text: str, code: str, line: int, column: int) -> None:
    """Rule text that cannot be read is refused at its line and column."""
    found = parse_rules(text)
    assert isinstance(found, Problems), found
    assert [(p.code, p.params.get("line"), p.params.get("column")) for p in found][:1] == [(code, line, column)]


def test_every_rule_is_looked_at() -> None:
    """A mistake in one rule does not hide one in the next, and the words that fit are offered."""
    found = parse_rules('rule "a" for x when created then fly\nrule "b" for x when sometimes then set a to 1\n')
    assert isinstance(found, Problems)
    assert [p.params["line"] for p in found] == [1, 2]
    assert "created" in found.items[1].ways


def test_words_of_the_language_can_be_names() -> None:
    """Names that are spelled as words of the language stand between backticks, and are written so."""
    found = rules('rule "a" for `rule` when changed `then` then set `set` to `if` + 1')
    text = write_rules(found)
    assert "for `rule`" in text
    assert rules(text) == found


def test_mutated_rule_text_is_a_rule_or_a_problem() -> None:
    """Rule text with pieces cut, doubled, swapped and replaced by chance is read or refused at a place, quickly; what is read survives
    being written. A quarter of DOUGONG_TEST_FUZZ texts; DOUGONG_TEST_SEED names the seed."""
    seed = int(os.environ.get("DOUGONG_TEST_SEED", "20261125"))
    count = int(os.environ.get("DOUGONG_TEST_FUZZ", "4000")) // 4
    source = random.Random(seed)
    pieces = [
        *ENGLISH.split(" "),
        *CHINESE.split(" "),
        "(",
        ")",
        '"',
        "`",
        "//",
        "/*",
        ",",
        "，",
        "\n",
        "\x00",
        "😀",
        "if",
        "then",
        "1e999",
    ]
    read = 0
    for _ in range(count):
        rule = source.choice((ENGLISH, CHINESE)).split("\n\n")
        words = source.choice(rule).split(" ")
        for _ in range(source.randint(0, 6)):
            at = source.randrange(len(words))
            change = source.choice(("cut", "double", "replace", "swap"))
            if change == "cut" and len(words) > 1:
                del words[at]
            elif change == "double":
                words.insert(at, words[at])
            elif change == "replace":
                words[at] = source.choice(pieces)
            else:
                other = source.randrange(len(words))
                words[at], words[other] = words[other], words[at]
        text = " ".join(words)
        started = time.process_time()
        found = parse_rules(text)
        assert time.process_time() - started < 1, text
        if isinstance(found, Problems):
            assert all(p.params["line"] >= 1 and p.params["column"] >= 1 for p in found), text
        else:
            read += 1
            assert parse_rules(write_rules(found)) == found, text
            assert tuple(from_json(to_json(r)) for r in found) == found, text
    print(f"seed {seed}: {read} of {count} texts are rules")
    assert 0 < read < count
