"""The drop zone: a file goes straight to the server's own upload route, never through memory.

The route answers with the id under which the file is kept, encrypted; that is all Python sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

URL = "/api/v1/data/uploads"


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploaded:
    """What the upload route answered."""

    upload_id: str
    filename: str
    size: int  #: bytes
    detected_format: str


_DROP = st.components.v2.component(
    "tableport_uploader",
    html="""
<div class="drop" role="button" tabindex="0">
  <svg viewBox="0 0 24 24" width="30" height="30" fill="none" stroke="currentColor"
    stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    <path d="M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5"/>
    <path d="M4 15v2.5A2.5 2.5 0 0 0 6.5 20h11a2.5 2.5 0 0 0 2.5-2.5V15"/></svg>
  <b class="title"></b><span class="hint"></span>
  <input type="file" hidden tabindex="-1">
</div>
<div class="busy" hidden>
  <div class="line"><b class="name"></b><span class="figures"></span>
    <button type="button" class="cancel">Cancel</button></div>
  <progress max="1" value="0"></progress>
</div>
<p class="message" role="status" aria-live="polite"></p>
""",
    css="""
:host, div, p { font-family: var(--st-font); color: var(--st-text-color); }
.drop { border: 1.5px dashed color-mix(in srgb, var(--st-text-color) 28%, transparent);
  border-radius: var(--st-base-radius); background: var(--st-secondary-background-color);
  padding: 34px 20px 30px; display: flex; flex-direction: column; align-items: center; gap: 5px;
  cursor: pointer; text-align: center; transition: border-color .12s, background .12s; }
.drop svg { color: var(--st-primary-color); margin-bottom: 5px; }
.drop:hover, .drop.over { border-color: var(--st-primary-color);
  background: color-mix(in srgb, var(--st-primary-color) 8%, var(--st-background-color)); }
.drop:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.title { font-size: 15px; font-weight: 600; }
.hint { font-size: 13px; opacity: .75; }
.busy { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  padding: 14px 16px; }
.line { display: flex; gap: 12px; align-items: center; font-size: 13.5px; }
.name { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.figures { margin-left: auto; white-space: nowrap; font-variant-numeric: tabular-nums;
  opacity: .8; }
button { font: inherit; color: inherit; background: none; cursor: pointer; padding: 4px 10px;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
button:hover { border-color: var(--st-primary-color); }
progress { width: 100%; height: 6px; margin: 12px 0 2px; appearance: none; border: 0; }
progress::-webkit-progress-bar { background: var(--st-secondary-background-color);
  border-radius: 3px; }
progress::-webkit-progress-value { background: var(--st-primary-color); border-radius: 3px; }
progress::-moz-progress-bar { background: var(--st-primary-color); border-radius: 3px; }
.message { margin: 8px 2px 0; font-size: 13.5px; color: var(--st-red-color);
  white-space: pre-line; }
.message:empty { display: none; }
[hidden] { display: none !important; }
""",
    js="""
const megabytes = n => (n / 1048576).toFixed(n < 10485760 ? 1 : 0) + ' MB'
const words = (text, fallback) => {
  try {
    const body = JSON.parse(text)
    return [body.detail || fallback, body.solution].filter(Boolean).join('\\n')
  } catch { return fallback }
}
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const find = name => parentElement.querySelector(name)
  const drop = find('.drop'), input = find('input'), busy = find('.busy'), bar = find('progress')
  const message = find('.message'), figures = find('.figures')
  find('.title').textContent = data.title
  find('.hint').textContent = data.hint
  drop.setAttribute('aria-label', data.title + '. ' + data.hint)
  input.accept = data.accept
  const idle = text => {
    busy.hidden = true; drop.hidden = false; message.textContent = text || ''; input.value = ''
  }
  const send = file => {
    message.textContent = ''
    if (!file) return
    if (!file.size) return idle('The file is empty.')
    if (data.most && file.size > data.most) {
      return idle(file.name + ' has ' + megabytes(file.size) + '. The limit is ' +
        megabytes(data.most) + '.')
    }
    drop.hidden = true; busy.hidden = false; bar.value = 0
    find('.name').textContent = file.name
    const request = new XMLHttpRequest(), begun = performance.now()
    request.open('POST', data.url)
    request.setRequestHeader('X-Requested-With', 'tableport')
    request.setRequestHeader('X-Filename', encodeURIComponent(file.name))
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.upload.onprogress = event => {
      bar.value = event.loaded / file.size
      const pace = event.loaded / ((performance.now() - begun) / 1000 + 0.001)
      figures.textContent = event.loaded >= file.size ? 'Checking…' : megabytes(event.loaded) +
        ' of ' + megabytes(file.size) + ' · ' + megabytes(pace) + '/s'
    }
    request.onerror = () => idle('The connection was lost. Drop the file again.')
    request.onabort = () => idle('Upload cancelled.')
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        figures.textContent = 'Reading…'
        setTriggerValue('uploaded', JSON.parse(request.responseText))
      } else {
        idle(words(request.responseText, 'The upload failed (' + request.status + ').'))
      }
    }
    find('.cancel').onclick = () => request.abort()
    request.send(file)
  }
  drop.onclick = () => input.click()
  drop.onkeydown = event => {
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); input.click() }
  }
  input.onchange = () => send(input.files[0])
  drop.ondragover = event => { event.preventDefault(); drop.classList.add('over') }
  drop.ondragleave = () => drop.classList.remove('over')
  drop.ondrop = event => {
    event.preventDefault(); drop.classList.remove('over')
    if (event.dataTransfer.files.length > 1) return idle('One file at a time, please.')
    send(event.dataTransfer.files[0])
  }
}
""",
)


def uploader(
    *, title: str, hint: str, extensions: tuple[str, ...], most: int | None, key: str
) -> Uploaded | None:
    """Draw the drop zone; the file just received, if any. `most` is a limit in bytes."""
    result = _DROP(
        key=key,
        data={
            "url": URL,
            "title": title,
            "hint": hint,
            "accept": ",".join(extensions),
            "most": most,
        },
        on_uploaded_change=_ignore,
    )
    return _read(result.get("uploaded"))


def _read(answer: Any) -> Uploaded | None:
    if not isinstance(answer, dict) or not answer.get("upload_id"):
        return None
    return Uploaded(
        upload_id=str(answer["upload_id"]),
        filename=str(answer.get("filename") or ""),
        size=int(answer.get("size") or 0),
        detected_format=str(answer.get("detected_format") or ""),
    )


def _ignore() -> None:
    """Streamlit asks for a callback for each value an element reports."""
