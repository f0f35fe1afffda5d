// book.js - what the pages do besides being read: light and dark, search, keys.
// Without it they can be read all the same; its buttons only show when it runs.
'use strict';

const root = document.documentElement;
document.querySelector('.tools').hidden = false;

// ------------------------------------------------------------ light and dark

function switchTheme() {
  const dark = (root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  root.dataset.theme = dark ? 'light' : 'dark';
  try { localStorage.theme = root.dataset.theme; } catch { /* private window */ }
}
document.querySelector('.theme').addEventListener('click', switchTheme);

// --------------------------------------------------------------- the search

const dialog = document.createElement('dialog');
dialog.className = 'search';
dialog.setAttribute('aria-label', 'Search');
dialog.innerHTML = `<form method="dialog"><input type="search" placeholder="Search the book" aria-label="Search the book" autocomplete="off" spellcheck="false"><button aria-label="Close">Esc</button></form><ol></ol><p class="none" hidden>Nothing found.</p>`;
document.body.append(dialog);
const field = dialog.querySelector('input'), hits = dialog.querySelector('ol'), none = dialog.querySelector('.none');

let loading;
function loadIndex() {
  return loading ??= new Promise(done => {
    const script = document.createElement('script');
    script.src = 'search-index.js';
    script.onload = done;
    document.head.append(script);
  });
}

async function openSearch() {
  dialog.showModal();
  field.select();
  await loadIndex();
  search();
}

function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length && window.bookIndex ? window.bookIndex.map(entry => ({entry, score: score(entry, words)})).filter(h => h.score > 0).sort((a, b) => b.score - a.score).slice(0, 20) : [];
  hits.replaceChildren(...found.map(({entry}) => hit(entry, words)));
  none.hidden = !words.length || found.length > 0;
}

// Every word must occur; in a heading it counts more, at the start of a word too.
function score(entry, words) {
  let sum = 0;
  for (const word of words) {
    const heading = (entry.title + ' ' + entry.heading).toLowerCase(), text = entry.text.toLowerCase();
    const places = text.split(word).length - 1;
    const here = (heading.includes(word) ? 8 : 0) + (places ? 2 + Math.min(places, 5) : 0) +
      ((' ' + text).includes(' ' + word) ? 2 : 0);
    if (!here) return 0;
    sum += here;
  }
  return sum;
}

function hit(entry, words) {
  const at = Math.max(0, entry.text.toLowerCase().indexOf(words[0]) - 50);
  const item = document.createElement('li'), link = document.createElement('a'), where = document.createElement('b'), text = document.createElement('span');
  link.href = entry.page + (entry.id ? '#' + entry.id : '');
  where.textContent = entry.heading ? `${entry.title} › ${entry.heading}` : entry.title;
  mark(text, (at ? '… ' : '') + entry.text.slice(at, at + 180), words);
  link.append(where, text);
  link.addEventListener('click', () => dialog.close());
  item.append(link);
  return item;
}

function mark(into, text, words) {
  const pattern = new RegExp(words.map(w => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'gi');
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    const m = document.createElement('mark');
    m.textContent = match[0];
    into.append(text.slice(last, match.index), m);
    last = match.index + match[0].length;
  }
  into.append(text.slice(last));
}

field.addEventListener('input', search);
dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener('keydown', event => {
  const links = [...hits.querySelectorAll('a')], at = links.indexOf(document.activeElement);
  const to = {ArrowDown: at + 1, ArrowUp: at - 1}[event.key];
  if (to !== undefined) { event.preventDefault(); (links[to] ?? field).focus(); }
  if (event.key === 'Escape') { event.preventDefault(); dialog.close(); }		// at once, not after the field is empty
  if (event.key === 'Enter' && document.activeElement === field) { event.preventDefault(); links[0]?.click(); }
});
document.querySelector('.find').addEventListener('click', openSearch);

// ------------------------------------------------------------------ the keys

function step(by) {
  const notes = [...document.querySelectorAll('.step')];
  if (!notes.length) return;
  const edge = parseFloat(getComputedStyle(root).scrollPaddingTop) || 0;		// below the masthead
  const top = notes.map(n => n.getBoundingClientRect().top - edge);
  const next = by > 0 ? top.findIndex(t => t > 4) : top.findLastIndex(t => t < -4);
  const note = notes[next];
  if (!note) return;
  note.scrollIntoView({block: 'start'});
  note.querySelector('.perma')?.focus({preventScroll: true});
}

const keys = {
  n: () => step(1),
  p: () => step(-1),
  t: switchTheme,
  '/': openSearch,
  b: () => document.getElementById('view-before')?.click(),
  c: () => document.getElementById('view-changes')?.click(),
  a: () => document.getElementById('view-after')?.click(),
  ArrowLeft: () => document.querySelector('.turn [rel=prev]')?.click(),
  ArrowRight: () => document.querySelector('.turn [rel=next]')?.click(),
};
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  const on = event.target;
  if (on.matches?.('input:not([type=radio]), textarea, select')) return;
  // the arrows scroll wide code and move between radio buttons
  if (event.key.startsWith('Arrow') && on.matches?.('input, [tabindex]')) return;
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});

// A link to something folded away opens it.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === 'DETAILS') target.open = true;
}
addEventListener('hashchange', unfold);
unfold();
