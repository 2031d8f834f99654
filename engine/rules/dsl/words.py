"""The words of rule text in English and Chinese. Both give the same tokens, so the grammar knows no language."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "RULE": ("rule", "规则"), "ABOUT": ("about", "说明"), "FOR": ("for", "对"), "EACH": ("each", "每个"), "WHEN": ("when", "当"),
    "AFTER": ("after", "在"), "IF": ("if", "如果"), "THEN": ("then", "则"),
    "CREATED": ("created", "新建"), "CHANGED": ("changed", "修改"), "DELETED": ("deleted", "删除"), "IMPORTED": ("imported", "导入"),
    "ENTERS": ("enters", "进入"), "LEAVES": ("leaves", "离开"), "ADDED": ("line added to", "增行"), "TASK": ("task", "任务"),
    "DONE": ("done", "完成"), "OUTCOME": ("as", "结果"), "BALANCE": ("balance", "结存"), "BELOW": ("falls below", "低于"), "ABOVE": ("rises above", "高于"),
    "PER": ("per", "按"), "CONSTRAINT": ("constraint", "约束"), "BREAKS": ("breaks", "被打破"), "RESTORED": ("holds again", "恢复"),
    "SCHEDULE": ("schedule", "定时"), "WORKDAYS": ("on workdays", "仅工作日"), "WEBHOOK": ("webhook", "接口"), "RECEIVED": ("received", "收到"),
    "SET": ("set", "设"), "TO": ("to", "为"), "REFUSE": ("refuse", "拒绝"), "WARN": ("warn", "警告"), "AT": ("at", "位于"),
    "CREATE": ("create", "创建"), "AS": ("and take", "并执行"), "WITH": ("with", "其中"), "CHANGE": ("change", "更改"), "DO": ("take", "执行"),
    "ON": ("on", "针对"), "RESERVE": ("reserve in", "预留"), "BY": ("by", "依"), "RELEASE": ("release in", "释放"), "START": ("start", "启动"),
    "NOTIFY": ("notify", "通知"), "ROLE": ("role", "角色"), "USER": ("user", "用户"), "THAT": ("that", "内容"), "CALL": ("call", "调用"),
    "COMMENT": ("comment", "备注"),
}  # fmt: skip
"""Token → (English, Chinese)."""
CLOSING: Final[Mapping[str, str]] = {"before": "时", "after": "之后"}
"""What closes `当 …` and `在 …` in Chinese, by phase; may be left out."""
LANGUAGES: Final = ("en", "zh-CN")
EXPECTS_EXPRESSION: Final = frozenset(
    ("IF", "BALANCE", "BELOW", "ABOVE", "TO", "REFUSE", "WARN", "CHANGE", "ON", "USER", "THAT", "COMMENT", "EQUALS")
)
"""After these words an expression stands."""
NAMES_FOLLOW: Final = frozenset(
    ("EACH", "ENTERS", "LEAVES", "ADDED", "OUTCOME", "PER", "CONSTRAINT", "SET", "AT", "CREATE", "AS", "WITH", "DO", "RESERVE", "BY",
     "RELEASE", "START", "ROLE", "COMMA")
)  # fmt: skip
"""After these words a name stands, even one that is spelled as a word of the language."""


def word(token: str, language: str) -> str:
    """A token as written in a language."""
    return WORDS[token][LANGUAGES.index(language)]
