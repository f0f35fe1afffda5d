// slides.js - keys for the slides. Without it they are a long page, and nothing is missing.
'use strict';

const slides = [...document.querySelectorAll('.slide')];

// The slide of which most is in the window.
const shown = () => {
  const middle = innerHeight / 2;
  return Math.max(0, slides.findLastIndex(s => s.getBoundingClientRect().top <= middle));
};

function show(at) {
  const slide = slides[Math.max(0, Math.min(slides.length - 1, at))];
  slide.scrollIntoView({block: 'start'});
  try { history.replaceState(null, '', `#${slide.id}`); } catch { /* a page from the disk, in some browsers */ }
}

// A slide higher than the window is read to its end before the next one comes.
function forward() {
  const {bottom} = slides[shown()].getBoundingClientRect();
  if (bottom > innerHeight + 8) scrollBy(0, Math.min(innerHeight * .8, bottom - innerHeight));
  else show(shown() + 1);
}

function switchTheme() {
  const root = document.documentElement;
  const dark = (root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  root.dataset.theme = dark ? 'light' : 'dark';
  try { localStorage.theme = root.dataset.theme; } catch { /* private window */ }
}

function switchAnswer() {
  for (const answer of slides[shown()].querySelectorAll('.answer')) answer.open = !answer.open;
}

const keys = {
  ArrowRight: forward, PageDown: forward, ' ': forward,
  ArrowLeft: () => show(shown() - 1), PageUp: () => show(shown() - 1),
  Home: () => show(0), End: () => show(slides.length - 1),
  t: switchTheme, a: switchAnswer,
};
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.matches?.('summary, a, button') && event.key === ' ') return;
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
