"""Where one is in a task: steps with what they hold so far, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a task."""

    name: str  #: in the address
    title: str
    note: str = ""  #: what it holds so far: a count, a name
    open: bool = True  #: may it be entered now?
    done: bool = False


_RAIL = st.components.v2.component(
    "tableport_step_rail",
    html='<nav aria-label="Steps"><ol></ol></nav>',
    css="""
ol { display: flex; list-style: none; margin: 0; padding: 0; font-family: var(--st-font);
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  overflow-x: auto; background: var(--st-background-color); }
li { flex: 1 1 0; min-width: 132px; display: flex; }
li + li { border-left: 1px solid var(--st-border-color); }
button { all: unset; box-sizing: border-box; flex: 1; display: flex; gap: 10px; padding: 9px 14px;
  align-items: center; cursor: pointer; color: var(--st-text-color); min-width: 0; }
button:hover:not([disabled]) { background: var(--st-secondary-background-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -3px;
  border-radius: 6px; }
button[disabled] { cursor: default; opacity: .5; }
.dot { flex: none; width: 22px; height: 22px; border-radius: 50%; font-size: 12px; display: grid;
  place-items: center; font-weight: 600; border: 1.5px solid var(--st-border-color);
  box-sizing: border-box; }
.done .dot { background: color-mix(in srgb, var(--st-green-color) 16%, transparent);
  border-color: transparent; color: var(--st-green-color); }
.now { background: color-mix(in srgb, var(--st-primary-color) 8%, transparent); }
.now .dot { background: var(--st-primary-color); border-color: transparent; color: #fff; }
.words { min-width: 0; display: block; }
b, small { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
b { font-size: 13.5px; font-weight: 600; line-height: 1.3; }
small { font-size: 12px; opacity: .72; line-height: 1.35; min-height: 1.35em; }
@media (max-width: 640px) { li { min-width: 0; flex: 0 1 auto; } button { padding: 9px 11px; }
  li:not(.now) .words { display: none; } li.now { flex: 1; } }
""",
    js="""
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const list = parentElement.querySelector('ol')
  list.replaceChildren()
  data.steps.forEach((step, index) => {
    const item = document.createElement('li')
    const button = document.createElement('button')
    const dot = document.createElement('span')
    const words = document.createElement('span')
    const title = document.createElement('b')
    const note = document.createElement('small')
    const current = step.name === data.current
    item.className = current ? 'now' : step.done ? 'done' : ''
    dot.className = 'dot'
    dot.textContent = step.done && !current ? '\\u2713' : index + 1
    words.className = 'words'
    title.textContent = step.title
    note.textContent = step.note
    button.type = 'button'
    button.disabled = !step.open
    if (current) button.setAttribute('aria-current', 'step')
    button.setAttribute('aria-label', 'Step ' + (index + 1) + ': ' + step.title +
      (step.note ? ', ' + step.note : ''))
    button.onclick = () => { if (!current) setTriggerValue('chosen', step.name) }
    words.append(title, note)
    button.append(dot, words)
    item.append(button)
    list.append(item)
  })
}
""",
)


def step_rail(steps: list[Step], *, current: str, key: str) -> str | None:
    """Draw the steps; the name of the one just clicked, if any."""
    result = _RAIL(
        key=key,
        data={
            "current": current,
            "steps": [
                {"name": s.name, "title": s.title, "note": s.note, "open": s.open, "done": s.done}
                for s in steps
            ],
        },
        on_chosen_change=_ignore,
    )
    chosen = result.get("chosen")
    return chosen if chosen in {s.name for s in steps if s.open} else None


def _ignore() -> None:
    """Streamlit asks for a callback for each value an element reports."""
