// html.mjs - the frame of every page, and the few helpers that all of them need.
import {copyFileSync, mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

// What the pages in OUT load: these files of ours, the icon, and the fonts.
export function copyLooks(out, files) {
  for (const file of files) copyFileSync(join(here, file), join(out, file));
  copyFileSync('www/icon.svg', join(out, 'icon.svg'));
  mkdirSync(join(out, 'fonts'), {recursive: true});
  for (const [family, name] of [['source-serif-4', 'opsz-normal'], ['source-serif-4', 'opsz-italic'], ['jetbrains-mono', 'wght-normal'], ['jetbrains-mono', 'wght-italic']]) {
    const file = `${family}-latin-${name}.woff2`;
    copyFileSync(join(here, `node_modules/@fontsource-variable/${family}/files/${file}`), join(out, 'fonts', file));
  }
}

const ENTITIES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
export const escape = text => String(text).replace(/[&<>"]/g, c => ENTITIES[c]);

// The text of HTML; tags within a line leave no gap.
export const plain = html => html.replace(/<\/?(i|a|b|em|strong|code|span|mark|small)( [^>]*)?>/g, '').replace(/<[^>]*>/g, ' ')
  .replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&')
  .replace(/\s+/g, ' ').trim();

export const slug = text => plain(text).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'part';

// The colours are chosen before the first paint, so that a dark page never flashes white.
export const THEME = `try{let t=localStorage.theme;if(t)document.documentElement.dataset.theme=t}catch{}`;

function masthead(book, page) {
  const stages = book.stages.map(stage => {
    const state = page.stage === stage.number ? ' aria-current="page"' : Math.ceil(page.stage) === stage.number ? ' aria-current="true"' : page.stage > stage.number ? ' class="past"' : '';
    return `<li${state}><a href="${stage.page}" title="Stage ${stage.number}: ${escape(stage.idea)}"><b>${stage.number}</b><span>${escape(stage.short)}</span></a></li>`;
  });
  const more = book.menu.map(entry =>
    `<a href="${entry.page}"${entry.page === page.file || entry.within?.test(page.file) ? ' aria-current="page"' : ''}>${escape(entry.title)}</a>`);
  return `<header class="mast">
<a class="brand" href="index.html"${page.file === 'index.html' ? ' aria-current="page"' : ''}>Seven servers</a>
<nav aria-label="Stages"><ol class="rail">${stages.join('')}</ol></nav>
<nav class="more" aria-label="More">${more.join('')}</nav>
<span class="tools" hidden><button class="find" type="button" aria-label="Search"><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="6.8" cy="6.8" r="4.3"/><path d="M10.2 10.2 14 14"/></svg><kbd>/</kbd></button><button class="theme" type="button" aria-label="Light or dark"></button></span>
</header>`;
}

function turn(book, page) {
  const at = book.order.findIndex(p => p.file === page.file);
  const link = (p, rel, word) => p
    ? `<a rel="${rel}" href="${p.file}"><small>${word}</small>${escape(p.name)}</a>` : '<span></span>';
  return at < 0 ? '' : `<nav class="turn" aria-label="Previous and next">${link(book.order[at - 1], 'prev', 'Previous')}${link(book.order[at + 1], 'next', 'Next')}</nav>`;
}

// page: file, name (its short name), title, body, and stage (a number) when it is one's.
export function frame(book, page) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(page.title)}${page.file === 'index.html' ? '' : ' · Seven servers'}</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="book.css">
<script>${THEME}</script>
<script src="book.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
${masthead(book, page)}
<main id="main">
${page.body}
${turn(book, page)}
</main>
</body>
</html>
`;
}
