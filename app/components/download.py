"""A download link that looks like a button and stays in its tab."""

from __future__ import annotations

import streamlit as st

_LINK = st.components.v2.component(
    "tableport_download",
    html="""
<a download><svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor"
  stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
  <path d="M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19.5h14"/></svg><span></span></a>
""",
    css="""
a { display: inline-flex; align-items: center; gap: 8px; padding: 0 .75rem; font-size: .875rem;
  font-family: var(--st-font); text-decoration: none; border-radius: var(--st-button-radius);
  border: 1px solid var(--st-border-color); color: var(--st-text-color);
  background: var(--st-background-color); min-height: 2.5rem;
  box-sizing: border-box; }
a:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
a:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
a.primary { background: var(--st-primary-color); border-color: var(--st-primary-color);
  color: #fff; }
a.primary:hover { filter: brightness(.93); color: #fff; }
""",
    js="""
export default function (component) {
  const { data, parentElement } = component
  const link = parentElement.querySelector('a')
  if (!data.url.startsWith('/') || data.url.startsWith('//')) return
  link.href = data.url
  link.className = data.primary ? 'primary' : ''
  link.querySelector('span').textContent = data.label
}
""",
)


def download(label: str, url: str, *, key: str, primary: bool = False) -> None:
    """Draw the link; `url` is a path of this server, `label` plain text."""
    _LINK(key=key, data={"label": label, "url": url, "primary": primary}, width="content")
