// Small helps on top of pages that work without them. Never listens to keys to send anything.
'use strict';

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const csrfToken = () => one('meta[name="csrf-token"]')?.content ?? '';

// --- Input methods: nobody sees a field before the conversion is settled ----
// While composing, browsers send input and key events for text that is not there yet, and none after it is settled.
for (const type of ['input', 'keydown', 'keyup', 'keypress']) {
  window.addEventListener(type, (event) => {
    if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
  }, true);
}
window.addEventListener('compositionend', (event) => {
  const field = event.target;
  setTimeout(() => field.dispatchEvent(new Event('input', { bubbles: true })));
}, true);

// --- htmx -------------------------------------------------------------------
document.addEventListener('htmx:configRequest', (event) => {
  if (csrfToken()) event.detail.headers['X-CSRFToken'] = csrfToken();
});
document.addEventListener('htmx:beforeRequest', (event) => event.detail.target?.setAttribute('aria-busy', 'true'));
document.addEventListener('htmx:afterRequest', (event) => event.detail.target?.removeAttribute('aria-busy'));
document.addEventListener('htmx:responseError', (event) => say(problemText(event.detail.xhr.responseText)));
document.addEventListener('htmx:sendError', () => say('通信できませんでした。接続を確かめて、もう一度お試しください。'));

function problemText(html) {
  const found = one('[data-problem]', new DOMParser().parseFromString(html, 'text/html'));
  const lines = found ? all('p', found).map((p) => p.textContent) : ['処理できませんでした。時間をおいてやり直してください。'];
  return lines.join(' ');
}

function say(text) {
  const line = document.createElement('p');
  line.className = 'message message--error';
  line.textContent = text;
  one('#messages')?.replaceChildren(line);
}

// --- Forms: one send, changes are not lost unnoticed --------------------------
const sent = new Set();
const changed = new Set();

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented) return;
  if (sent.has(form)) { event.preventDefault(); return; }
  sent.add(form);
  event.submitter?.setAttribute('aria-busy', 'true');
  // A file as answer leaves this page standing; the button must work again.
  setTimeout(() => release(form), 8000);
});

function release(form) {
  sent.delete(form);
  for (const button of all('[aria-busy]', form)) button.removeAttribute('aria-busy');
}
// Back brings the page as it was left.
window.addEventListener('pageshow', () => { for (const form of [...sent]) release(form); });

document.addEventListener('change', (event) => {
  const form = event.target.form;
  if (form?.hasAttribute('data-unsaved')) changed.add(form);
});
document.addEventListener('htmx:afterRequest', (event) => {
  const form = event.detail.elt.closest?.('form[data-unsaved]');
  if (form && event.detail.successful && event.detail.elt === form) changed.delete(form);
});
window.addEventListener('beforeunload', (event) => {
  if ([...changed].some((form) => form.isConnected && !sent.has(form))) event.preventDefault();
});

// --- Fields ----------------------------------------------------------------------
const WHOLE_DATE = /^(令和|平成|昭和|大正|明治|[RHSTM])?\s*(\d{1,4}|元)\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?$/i;

// A whole date in 年 fills the three fields; the era stays as typed, the server reads it.
document.addEventListener('paste', (event) => {
  const year = event.target;
  if (!(year instanceof HTMLInputElement) || !/-y$/.test(year.name)) return;
  const parts = event.clipboardData.getData('text').normalize('NFKC').trim().match(WHOLE_DATE);
  const month = year.form?.elements[year.name.replace(/-y$/, '-m')];
  const day = year.form?.elements[year.name.replace(/-y$/, '-d')];
  if (!parts || !month || !day) return;
  event.preventDefault();
  const texts = [(parts[1] ?? '') + parts[2], String(Number(parts[3])), String(Number(parts[4]))];
  [year, month, day].forEach((field, i) => {
    field.value = texts[i];
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  day.dispatchEvent(new Event('change', { bubbles: true }));
});

// Commas only where nothing is left to interpretation: digits and nothing else.
document.addEventListener('focusout', (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || !field.classList.contains('input--amount')) return;
  const text = field.value.normalize('NFKC').trim();
  if (/^[1-9]\d{3,}$/.test(text)) field.value = text.replace(/\B(?=(\d{3})+$)/g, ',');
});

// --- Copy, print -------------------------------------------------------------------
for (const button of all('[data-copy]')) button.hidden = !navigator.clipboard;
for (const button of all('[data-print]')) button.hidden = false;

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('button');
  if (!button) return;
  if (button.hasAttribute('data-print')) window.print();
  if (button.dataset.copy) {
    const source = document.getElementById(button.dataset.copy);
    const text = source.dataset.value ?? source.textContent.trim();
    if (button.ariaBusy) return;
    const words = [...button.childNodes];
    const done = await navigator.clipboard.writeText(text).then(() => 'コピーしました', () => 'コピーできませんでした');
    button.ariaBusy = 'true';
    button.ariaLive = 'polite';
    button.textContent = done;
    setTimeout(() => { button.replaceChildren(...words); button.ariaBusy = null; }, 3000);
  }
});
window.addEventListener('beforeprint', () => {
  for (const box of all('main details:not([open])')) { box.open = true; box.dataset.printed = ''; }
});
window.addEventListener('afterprint', () => {
  for (const box of all('details[data-printed]')) { box.open = false; delete box.dataset.printed; }
});

// --- Help ----------------------------------------------------------------------------
const dialog = one('#dialog');

document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('a.help[data-dialog]');
  if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    const template = document.getElementById(link.dataset.dialog);
    const content = template instanceof HTMLTemplateElement ? template.content.cloneNode(true) : await fragment(link.href);
    const heading = one('h2', content);
    one('#dialog-title').textContent = heading?.textContent ?? 'ヘルプ';
    heading?.remove();
    one('#dialog-body').replaceChildren(content);
    dialog.showModal(); // Escape closes; the browser gives the focus back to the link
  } catch {
    window.location.assign(link.href);
  }
});
document.addEventListener('click', (event) => {
  if (event.target.closest?.('[data-dialog-close]') || event.target === dialog) event.target.closest('dialog').close();
});

async function fragment(url) {
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const content = document.createDocumentFragment();
  content.append(...page.body.childNodes);
  return content;
}

// --- End of the log-in -----------------------------------------------------------------
const WARN_SECONDS = 120;
const idleSeconds = Number(document.body.dataset.sessionIdleSeconds);
const sessionDialog = one('#session-dialog');

if (idleSeconds > WARN_SECONDS && sessionDialog) {
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel('session') : null;
  const words = one('#session-text');
  const text = words.textContent;
  let lastUse = Date.now();
  let dismissed = false;
  const used = () => {
    lastUse = Date.now();
    dismissed = false;
    words.textContent = text;
    if (sessionDialog.open) sessionDialog.close();
  };
  const usedHere = () => { used(); channel?.postMessage('used'); };
  if (channel) channel.onmessage = used; // another window of the same log-in
  channel?.postMessage('used');
  document.addEventListener('htmx:afterRequest', (event) => { if (event.detail.successful) usedHere(); });
  one('[data-session-extend]').addEventListener('click', async () => {
    try {
      const answer = await fetch(sessionDialog.dataset.sessionUrl, {
        method: 'POST', headers: { 'X-CSRFToken': csrfToken(), 'HX-Request': 'true' }, credentials: 'same-origin',
      });
      if (answer.ok) usedHere();
    } catch { /* the next page says what happened */ }
  });
  sessionDialog.addEventListener('cancel', () => { dismissed = true; });
  // The clock is read, not counted: a sleeping computer stops timers.
  setInterval(() => {
    const left = idleSeconds - (Date.now() - lastUse) / 1000;
    if (left <= WARN_SECONDS && !sessionDialog.open && !dismissed) sessionDialog.showModal();
    if (left <= 0) words.textContent = '安全のためログアウトしました。一時保存した内容は残っています。続けるには、もう一度ログインしてください。';
  }, 1000);
}

// --- Amounts are covered while nobody is there -----------------------------------------
for (const part of all('[data-cover-seconds]')) {
  const note = one('[data-cover-note]');
  let lastUse = Date.now();
  const idle = () => (Date.now() - lastUse) / 1000;
  const cover = (covered) => { part.hidden = covered; note.hidden = !covered; };
  for (const type of ['pointermove', 'pointerdown', 'keydown', 'scroll']) {
    document.addEventListener(type, () => { if (!part.hidden) lastUse = Date.now(); }, { passive: true });
  }
  one('button', note).addEventListener('click', () => {
    // The log-in may have ended meanwhile: then the server is asked.
    if (idle() > idleSeconds) return window.location.reload();
    lastUse = Date.now();
    cover(false);
    part.querySelector('h2').scrollIntoView();
  });
  setInterval(() => { if (idle() >= Number(part.dataset.coverSeconds)) cover(true); }, 1000);
}

// --- First look --------------------------------------------------------------------------
one('[data-error-summary]')?.focus();
