"""Charts: rows → a plotly figure as JSON. The home of plotly. Restrained on purpose: one accent, few greys, no decoration."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from plotly import graph_objects

from engine.values import write_decimal

FONT: Final = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
COLOURS: Final = ("#2f6f5e", "#c98b2b", "#5b7fa6", "#a4574f", "#7a6ea8", "#6b8f3c", "#8a8f98")


def figure(chart: str, rows: Sequence[Mapping[str, Any]], x: str, y: str) -> dict[str, Any]:
    """A bar, line or pie chart of `y` over `x`; `x` values are the words to show. `customdata` holds the row number for drill-down.

    Numbers travel as text, exactly as in the rows; the browser's chart turns them into lengths."""
    names = [str(row[x]) for row in rows]
    numbers = [write_decimal(row[y]) if row[y] is not None else None for row in rows]
    at = list(range(len(rows)))
    if chart == "pie":
        trace: Any = graph_objects.Pie(
            labels=names, values=numbers, customdata=at, hole=0.55, sort=False, marker={"colors": COLOURS}
        )
    elif chart == "line":
        trace = graph_objects.Scatter(
            x=names, y=numbers, customdata=at, mode="lines+markers", line={"color": COLOURS[0], "width": 2}
        )
    else:
        trace = graph_objects.Bar(x=names, y=numbers, customdata=at, marker={"color": COLOURS[0]})
    layout = {
        "font": {"family": FONT, "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": chart == "pie",
        "margin": {"l": 48, "r": 16, "t": 8, "b": 40},
        "xaxis": {"type": "category", "automargin": True},
        "yaxis": {
            "type": "linear",
            "gridcolor": "rgba(128,128,128,0.2)",
            "zeroline": False,
            "rangemode": "tozero",
            "automargin": True,
        },
        "bargap": 0.35,
    }
    made: dict[str, Any] = {"data": [trace.to_plotly_json()], "layout": layout}
    return made
