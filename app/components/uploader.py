"""The drop zone: a file goes straight to the server's own upload route, never through memory.

The route answers with the id under which the file is kept, encrypted; that is all Python sees.
A file larger than one part goes in parts: after a cut connection it goes on by itself where it
stopped, and after a reload of the page as soon as the same file is dropped again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.usecases.chunked_uploads import PART_SIZE

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
  <div class="line"><b class="name"></b>
    <button type="button" class="cancel">Cancel</button></div>
  <progress max="1" value="0"></progress>
  <span class="figures"></span>
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
.figures { font-size: 13px; font-variant-numeric: tabular-nums; opacity: .8; }
button { margin-left: auto; font: inherit; color: inherit; background: none; cursor: pointer;
  padding: 4px 10px; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius); }
button:hover { border-color: var(--st-primary-color); }
progress { width: 100%; height: 6px; margin: 12px 0 2px; appearance: none; border: 0; }
progress::-webkit-progress-bar { background: var(--st-secondary-background-color);
  border-radius: 3px; }
progress::-webkit-progress-value { background: var(--st-primary-color); border-radius: 3px; }
progress::-moz-progress-bar { background: var(--st-primary-color); border-radius: 3px; }
.message { margin: 8px 2px 0; font-size: 13.5px; color: var(--st-red-color);
  white-space: pre-line; }
.message[data-kind="note"] { color: inherit; opacity: .8; }
.message:empty { display: none; }
[hidden] { display: none !important; }
""",
    js="""
const QUIET = 30000          // ms without progress after which a connection counts as lost
const CHECKING = 120000      // ms the server may take once it has everything
const MOST_TRIES = 20, LONGEST_PAUSE = 15000
const PLACE = 'tableport:upload:', DAY = 86400000
const megabytes = n => (n / 1048576).toFixed(n < 10485760 ? 1 : 0) + ' MB'
const left = s => s < 90 ? Math.ceil(s) + ' s left' : Math.ceil(s / 60) + ' min left'
const pause = ms => new Promise(done => setTimeout(done, ms))
const words = (text, fallback) => {
  try {
    const body = JSON.parse(text)
    return [body.detail || fallback, body.solution].filter(Boolean).join('\\n')
  } catch { return fallback }
}
// What this tab has begun and not finished. Storage may be forbidden: then nothing is resumed.
const placeOf = file => PLACE + [file.name, file.size, file.lastModified].join('|')
const recall = place => {
  try {
    const found = JSON.parse(sessionStorage.getItem(place))
    return found && Date.now() - found.at < DAY ? found : null
  } catch { return null }
}
const remember = (place, id, name) => {
  try {
    sessionStorage.setItem(place, JSON.stringify({ id, name, at: Date.now() }))
  } catch { /* see above */ }
}
const forget = place => { try { sessionStorage.removeItem(place) } catch { /* see above */ } }
const begun = () => {
  try {
    return Object.keys(sessionStorage).filter(key => key.startsWith(PLACE)).map(recall)
      .filter(Boolean).map(found => found.name)
  } catch { return [] }
}
// One request; status 0 where the connection broke, fell silent or was cancelled.
const ask = (run, method, url, headers, body, progress) => new Promise(done => {
  const request = run.request = new XMLHttpRequest()
  let timer
  const allow = ms => { clearTimeout(timer); timer = setTimeout(() => request.abort(), ms) }
  request.open(method, url)
  request.setRequestHeader('X-Requested-With', 'tableport')
  for (const name in headers) request.setRequestHeader(name, headers[name])
  request.upload.onprogress = event => { allow(QUIET); if (progress) progress(event.loaded) }
  request.upload.onload = () => allow(CHECKING)
  request.onloadend = () => {
    clearTimeout(timer)
    const offset = request.getResponseHeader('Upload-Offset')
    done({ status: request.status, text: request.responseText,
      offset: offset === null ? null : Number(offset) })
  }
  allow(QUIET)
  request.send(body)
})
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const find = name => parentElement.querySelector(name)
  const drop = find('.drop'), input = find('input'), busy = find('.busy'), bar = find('progress')
  const message = find('.message'), figures = find('.figures')
  find('.title').textContent = data.title
  find('.hint').textContent = data.hint
  drop.setAttribute('aria-label', data.title + '. ' + data.hint)
  input.accept = data.accept
  const say = (text, kind) => { message.textContent = text; message.dataset.kind = kind || 'error' }
  // Several files go one after the other and are told of together, also those before a failure.
  let waiting = [], received = []
  const idle = (text, kind) => {
    waiting = []
    if (received.length) { setTriggerValue('uploaded', received); received = [] }
    busy.hidden = true; drop.hidden = false; say(text || '', kind); input.value = ''
  }
  const finish = upload => {
    if (data.several) {
      received.push(upload)
      return waiting.length ? send(waiting.shift()) : idle()
    }
    figures.textContent = 'Reading…'
    setTriggerValue('uploaded', upload)
  }
  const meter = (file, from) => {
    const since = performance.now()
    return at => {
      bar.value = at / file.size
      if (at >= file.size) { figures.textContent = 'Checking…'; return }
      const pace = (at - from) / ((performance.now() - since) / 1000 + 0.001)
      figures.textContent = megabytes(at) + ' of ' + megabytes(file.size) +
        (pace > 0 ? ' · ' + megabytes(pace) + '/s · ' + left((file.size - at) / pace) : '')
    }
  }
  const sendWhole = async (file, run) => {
    const answer = await ask(run, 'POST', data.url, { 'X-Filename': encodeURIComponent(file.name),
      'Content-Type': 'application/octet-stream' }, file, meter(file, 0))
    if (run.cancelled) return
    if (answer.status === 0) return idle('The connection was lost. Drop the file again.')
    if (answer.status < 300) return finish(JSON.parse(answer.text))
    idle(words(answer.text, 'The upload failed (' + answer.status + ').'))
  }
  // Part after part; after a break the server is asked where to go on (offset null).
  const sendParts = async (file, run) => {
    const place = placeOf(file), known = recall(place)
    let offset = known ? null : 0, show = null, tries = 0, lost = 0, answer
    run.id = known ? known.id : null
    run.forget = () => forget(place)
    while (!run.cancelled && drop.isConnected) {
      const at = data.url + '/' + run.id
      if (run.id === null) {
        answer = await ask(run, 'POST', data.url, { 'Content-Type': 'application/json' },
          JSON.stringify({ filename: file.name, size: file.size }))
        if (answer.status === 201) {
          run.id = JSON.parse(answer.text).upload_id; offset = tries = 0; show = null
          remember(place, run.id, file.name)
          continue
        }
      } else if (offset === null) {
        answer = await ask(run, 'HEAD', at, {})
        if (answer.status === 200) { offset = answer.offset; show = null; continue }
      } else {
        const end = Math.min(offset + data.part, file.size), from = offset
        if (!show) show = meter(file, from)
        show(from)
        answer = await ask(run, 'PUT', at, { 'Content-Type': 'application/octet-stream',
          'Content-Range': 'bytes ' + (from < end ? from + '-' + (end - 1) : '*') + '/' + file.size
        }, file.slice(from, end), loaded => show(Math.min(from + loaded, end)))
        if (answer.status === 200 || answer.status === 201) {
          const state = JSON.parse(answer.text)
          if (state.done) { forget(place); return finish(state.upload) }
          offset = state.received
          if (offset > from) tries = 0
          else await pause(1000)
          continue
        }
        if (answer.status === 409 && answer.offset !== null) { offset = answer.offset; continue }
      }
      if (run.cancelled) return
      if (run.id !== null && (answer.status === 404 || answer.status === 410) && !lost++) {
        forget(place); run.id = null  // forgotten by the server: once more from the beginning
        continue
      }
      if (answer.status === 401) {
        return idle('You are signed out. Sign in and drop the file again: the upload goes on.')
      }
      if (answer.status && answer.status < 500 && answer.status !== 408) {
        forget(place)
        return idle(words(answer.text, 'The upload failed (' + answer.status + ').'))
      }
      try { await file.slice(0, 1).arrayBuffer() } catch {
        return idle('The file was changed or moved meanwhile. Drop it again.')
      }
      if (tries === MOST_TRIES) {
        return idle(words(answer.text, 'The connection was lost.') +
          '\\nDrop the file again and the upload goes on.')
      }
      figures.textContent = 'Connection lost, trying again…'
      await pause(Math.min(1000 * 2 ** tries++, LONGEST_PAUSE) * (0.75 + Math.random() / 2))
      if (run.id !== null) offset = null
    }
  }
  const send = file => {
    say('')
    if (!file) return
    if (!file.size) return idle('The file is empty.')
    if (data.most && file.size > data.most) {
      return idle(file.name + ' has ' + megabytes(file.size) + '. The limit is ' +
        megabytes(data.most) + '.')
    }
    drop.hidden = true; busy.hidden = false; bar.value = 0
    find('.name').textContent = file.name
    const run = { cancelled: false, request: null, id: null, forget: () => {} }
    find('.cancel').onclick = () => {
      run.cancelled = true
      if (run.request) run.request.abort()
      run.forget()
      if (run.id !== null) ask({}, 'DELETE', data.url + '/' + run.id, {})
      idle('Upload cancelled.', 'note')
    }
    return file.size > data.part ? sendParts(file, run) : sendWhole(file, run)
  }
  const names = begun()
  if (busy.hidden && !message.textContent && names.length) {
    say(names.join(', ') + ': only a part has arrived. Drop the file again and it goes on.', 'note')
  }
  drop.onclick = () => input.click()
  drop.onkeydown = event => {
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); input.click() }
  }
  const sendAll = files => { waiting = [...files].slice(1); return send(files[0]) }
  input.multiple = data.several
  input.onchange = () => sendAll(input.files)
  drop.ondragover = event => { event.preventDefault(); drop.classList.add('over') }
  drop.ondragleave = () => drop.classList.remove('over')
  drop.ondrop = event => {
    event.preventDefault(); drop.classList.remove('over')
    if (event.dataTransfer.files.length > 1 && !data.several) {
      return idle('One file at a time, please.')
    }
    sendAll(event.dataTransfer.files)
  }
}
""",
)


def uploader(
    *, title: str, hint: str, extensions: tuple[str, ...], most: int | None, key: str
) -> Uploaded | None:
    """Draw the drop zone; the file just received, if any. `most` is a limit in bytes."""
    return _read(_drawn(title, hint, extensions, most, key, several=False))


def files_uploader(
    *, title: str, hint: str, extensions: tuple[str, ...], most: int | None, key: str
) -> tuple[Uploaded, ...]:
    """Draw a drop zone for several files; those just received. `most` is a limit in bytes."""
    answers = _drawn(title, hint, extensions, most, key, several=True)
    found = [_read(answer) for answer in answers] if isinstance(answers, list) else []
    return tuple(one for one in found if one is not None)


def _drawn(
    title: str, hint: str, extensions: tuple[str, ...], most: int | None, key: str, *, several: bool
) -> Any:
    result = _DROP(
        key=key,
        data={
            "url": URL,
            "title": title,
            "hint": hint,
            "accept": ",".join(extensions),
            "most": most,
            "part": PART_SIZE,
            "several": several,
        },
        on_uploaded_change=_ignore,
    )
    return result.get("uploaded")


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
