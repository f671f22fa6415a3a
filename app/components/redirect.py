"""Leaving for an address of this server: after signing in, and when signing out."""

from __future__ import annotations

import streamlit as st

_GO = st.components.v2.component(
    "tableport_redirect",
    html="<span></span>",
    js="""
export default function (component) {
  const { data } = component
  if (!data || !data.url || !data.url.startsWith('/') || data.url.startsWith('//')) return
  if (!data.post) { window.location.replace(data.url); return }
  fetch(data.url, {
    method: 'POST', credentials: 'same-origin', headers: { 'X-Requested-With': 'tableport' },
  }).finally(() => window.location.replace('/'))
}
""",
)


def leave(url: str, *, post: bool = False) -> None:
    """Send the browser to a path of this server and end the run.

    With `post`, the path is posted to first and the browser ends at the start page.
    """
    _GO(key="tableport_redirect", data={"url": url, "post": post})
    st.stop()
