"""Parts of a whole in one thin bar, with the same in words for those who cannot see it."""

from __future__ import annotations

import streamlit as st

_BAR = st.components.v2.component(
    "tableport_stacked_bar",
    html='<div class="bar" role="img"></div>',
    css="""
.bar { display: flex; gap: 2px; height: 10px; border-radius: 5px; overflow: hidden;
  background: var(--st-secondary-background-color); }
.bar i { display: block; min-width: 4px; }
.green { background: var(--st-green-color); }
.orange { background: var(--st-orange-color); }
.red { background: var(--st-red-color); }
.gray { background: var(--st-border-color); }
.blue { background: var(--st-primary-color); }
""",
    js="""
const COLOURS = ['green', 'orange', 'red', 'gray', 'blue']
export default function (component) {
  const bar = component.parentElement.querySelector('.bar')
  bar.replaceChildren()
  bar.setAttribute('aria-label', component.data.words)
  bar.title = component.data.words
  for (const part of component.data.parts) {
    if (!part.amount) continue
    const piece = document.createElement('i')
    if (COLOURS.includes(part.colour)) piece.className = part.colour
    piece.style.flexGrow = part.amount
    bar.append(piece)
  }
}
""",
)


def stacked_bar(parts: list[tuple[str, int]], *, words: str, key: str) -> None:
    """Draw (colour, amount) side by side; colours are green, orange, red, gray, blue."""
    _BAR(
        key=key,
        data={"words": words, "parts": [{"colour": c, "amount": n} for c, n in parts]},
    )
