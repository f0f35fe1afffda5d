// browser.mjs BOOK [PLANTED] - looks at the pages of the book as a reader's browser does, and operates
// it. Prints a line for each finding, "what: page: detail", and for each thing that it did, "done:
// what". Of the book in PLANTED, which has mistakes in it, only the first page is looked at; those
// lines begin with "planted ".
//
// What can be told from the HTML alone (links, headings, ids, names) is looked at on every page.
// Laying a page out takes long: one page of each kind is laid out, and a part of the others, another
// part every day. FULL=1 lays out all of them, and compares the colours of every text.
import {createServer} from 'node:http';
import {readFileSync, readdirSync, existsSync} from 'node:fs';
import {extname, join, resolve} from 'node:path';
import {launch} from './chromium.mjs';

const full = Boolean(process.env.FULL);
const TYPES = {'.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.woff2': 'font/woff2', '.svg': 'image/svg+xml'};

// A book, served on a port of its own.
async function serve(folder, prefix = '') {
  const server = createServer((request, response) => {
    const file = join(folder, new URL(request.url, 'http://x').pathname);
    if (!existsSync(file)) { response.writeHead(404); response.end(); return; }
    response.writeHead(200, {'content-type': TYPES[extname(file)] ?? 'text/plain'});
    response.end(readFileSync(file));
  });
  await new Promise(listening => server.listen(0, '127.0.0.1', listening));
  const pages = readdirSync(folder).filter(f => f.endsWith('.html')).sort();
  return {folder, prefix, server, pages, site: `http://127.0.0.1:${server.address().port}/`};
}

const book = await serve(resolve(process.argv[2]));
const {pages, site} = book;
const {browser, leave: leaveBrowser} = await launch();

let shown = {book, file: ''};		// what the tab shows, for the findings that come by themselves
const found = (what, page, detail) => console.log(`${shown.book.prefix}${what}: ${page}: ${detail}`);
const done = what => console.log(`done: ${what}`);
const expect = (condition, what, page, detail) => { if (!condition) found(what, page, detail); };

// Until CONDITION holds in the page, 20 seconds at most.
const until = (tab, condition, ...args) => tab.waitForFunction(condition, {timeout: 20000, polling: 30}, ...args).then(() => true, () => false);

// One tab for all pages: a new one would be a new process.
const tab = (await browser.pages())[0] ?? await browser.newPage();
const ours = url => /^(data|file|about):/.test(url) || url.startsWith(shown.book.site);
tab.setDefaultTimeout(120000);
tab.on('console', message => { if (message.type() === 'error') found('console', shown.file, message.text()); });
tab.on('pageerror', error => found('console', shown.file, error.message));
tab.on('requestfailed', request => found('request', shown.file, `${request.url()} failed`));
tab.on('request', request => { if (!ours(request.url())) found('request', shown.file, `${request.url()} leaves the site`); });
tab.on('response', response => { if (response.status() >= 400) found('request', shown.file, `${response.url()} is ${response.status()}`); });

async function open(file = 'index.html', {width = 1280, height = 900, dark = false, script = true, from = site, of = book} = {}) {
  shown = {book: of, file};
  await tab.setViewport({width, height});
  await tab.setJavaScriptEnabled(script);
  await tab.emulateMediaType();
  await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}, {name: 'prefers-reduced-motion', value: 'reduce'}]);
  await tab.goto(from + file);
  return tab;
}

// ------------------------------------------------------- every page: links and structure

// Runs in the page: what can be told from the HTML of a page, which is not shown for that.
function anatomy(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const all = selector => [...page.querySelectorAll(selector)];
  const ids = all('[id]').map(e => e.id);
  return {
    ids, title: page.title, h1: all('h1').length, doubled: ids.filter((id, i) => ids.indexOf(id) !== i),
    links: all('a[href]').map(a => a.getAttribute('href')),
    unnamed: all('button, a, summary, input').filter(e => !e.textContent.trim() && !e.getAttribute('aria-label') && !e.labels?.length).length,
    prompts: all('.console .prompt').map(e => e.textContent),
  };
}

function checkLinks(file, links, ids) {
  for (const href of links) {
    if (/^https:\/\/(man7\.org\/linux\/man-pages\/|www\.rfc-editor\.org\/)/.test(href)) continue;
    if (/^https?:/.test(href)) { if (!/^https:/.test(href) && !/^http:\/\/(127\.0\.0\.1|localhost)/.test(href)) found('link', file, `${href} is not https`); continue; }
    const [path, hash] = href.split('#');
    const target = path || file;
    if (!ids[target]) found('link', file, `${href}: there is no ${target}`);
    else if (hash && !ids[target].has(decodeURIComponent(hash))) found('link', file, `${href}: there is no #${hash}`);
  }
}

async function checkStructure(of, files) {
  shown = {book: of, file: 'the HTML'};
  const parts = {}, ids = {};
  for (const file of of.pages) {
    parts[file] = await tab.evaluate(anatomy, readFileSync(join(of.folder, file), 'utf8'));
    ids[file] = new Set(parts[file].ids);
  }
  for (const file of files) {
    const {title, h1, doubled, links, unnamed, prompts} = parts[file];
    checkLinks(file, links, ids);
    expect(h1 === 1, 'structure', file, `${h1} h1`);
    expect(title, 'structure', file, 'no title');
    expect(!doubled.length, 'structure', file, `ids twice: ${doubled}`);
    expect(!unnamed, 'structure', file, `${unnamed} controls without a name`);
    for (const prompt of prompts) expect(/^(\$|sock>) $/.test(prompt), 'structure', file, `a prompt reads ${prompt}`);
  }
}

// ------------------------------------------------------------- laid out: widths, colours

// Runs in the page: texts whose colour is too near to what lies behind them, by day and by night,
// in each view. Elements with the same tags and classes up to the root have the same colours: of
// these the first and the last on a page are compared, and none whose like was on a page before
// (SEEN remembers them). EVERY: all texts are compared.
function weakTexts(every, seen) {
  const rgba = text => {
    const n = text.match(/-?[\d.]+(e-?\d+)?%?/g)?.map(Number) ?? [0, 0, 0, 0];
    if (text.startsWith('color(')) return [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1];
    return [n[0], n[1], n[2], n[3] ?? 1];
  };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const behind = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) break;
    }
    return layers.reverse().reduce((under, c) => over(c, under), [255, 255, 255, 1]);
  };

  document.querySelectorAll('details').forEach(d => { d.open = true; });
  const views = ['view-before', 'view-after', 'view-changes'].map(id => document.getElementById(id)).filter(Boolean);

  // the texts to compare, by the kind of their element
  const kindOf = new Map([[document.documentElement, views.length ? 'views' : 'no views']]);
  const kind = e => {
    if (!kindOf.has(e)) kindOf.set(e, `${kind(e.parentElement)}>${e.tagName}.${['class', 'style', 'hidden', 'aria-current'].map(a => e.getAttribute(a) ?? '').join('.')}`);
    return kindOf.get(e);
  };
  const known = new Set(seen), texts = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let i = 0; walker.nextNode(); i++) {
    const text = walker.currentNode, e = text.parentElement;
    if (!text.data.trim() || /SCRIPT|STYLE/.test(e.tagName) || !every && known.has(kind(e))) continue;
    const of = every ? `${i}` : kind(e), before = texts.get(of);
    texts.set(of, before ? [before[0], text] : [text]);
  }

  const weak = new Map();
  const look = (text, when) => {
    const e = text.parentElement, style = getComputedStyle(e);
    if (!e.checkVisibility({visibilityProperty: true})) return;
    const svg = e.closest('svg');
    const node = svg && e.closest('.node rect, .node')?.querySelector?.('rect');
    const back = node ? over(rgba(getComputedStyle(node).fill), behind(svg)) : behind(svg ?? e);
    const r = ratio(over(rgba(svg ? style.fill : style.color), back), back);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (r < (large ? 3 : 4.5)) weak.set(`${when}: ${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''} in .${e.parentElement.getAttribute('class') ?? ''}`, `${r.toFixed(2)} "${text.data.trim().slice(0, 30)}"`);
    // line numbers and signs
    const before = getComputedStyle(e, '::before');
    if (e.classList.contains('l') && ratio(over(rgba(before.color), behind(e)), behind(e)) < 4.5) weak.set(`${when}: line number`, e.className);
  };
  if (texts.size)
    for (const theme of ['light', 'dark']) {
      document.documentElement.dataset.theme = theme;
      for (const view of [null, ...views]) {
        view?.click();
        for (const text of [...texts.values()].flat()) look(text, view ? `${theme}, ${view.id}` : theme);
      }
    }
  return {weak: [...weak].map(([what, value]) => `${what} ${value}`), kinds: every ? [] : [...texts.keys()]};
}

const seen = new Set();		// kinds of elements whose colours were compared
async function checkLooks(of, file) {
  await open(file, {of, from: of.site});
  const {weak, kinds} = await tab.evaluate(weakTexts, full, [...seen]);
  for (const text of weak) found('contrast', file, text);
  for (const kind of kinds) seen.add(kind);
  for (const width of [1280, 820, 390, 320]) {
    await tab.setViewport({width, height: 800});
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide <= 0, 'width', file, `${wide} px wider than a window of ${width}`);
  }
}

// One page of each kind (index, stage, step, tcp, lab ...), and every eighth of the others: which, the day decides.
function today() {
  const kinds = new Set(), day = Math.floor(Date.now() / 86400000);
  return pages.filter((file, i) => {
    const kind = file.replace(/(-.*)?\.html$/, ''), first = !kinds.has(kind);
    kinds.add(kind);
    return full || first || (i + day) % 8 === 0;
  });
}

await open();
await checkStructure(book, pages);
const looked = today();
console.log(`laid out: ${looked.length} of ${pages.length} pages: ${looked.join(' ')}`);
for (const file of looked) await checkLooks(book, file);
done('pages');

if (process.argv[3]) {
  const planted = await serve(resolve(process.argv[3]), 'planted ');
  seen.clear();
  await checkStructure(planted, ['index.html']);
  await checkLooks(planted, 'index.html');
  planted.server.close();
  done('planted');
}

// -------------------------------------------------------------- what can be operated

const stage = pages.find(p => p === 'stage-3.html') ?? pages.find(p => p.startsWith('stage-'));
{
  await open(stage);
  const lines = async sign => tab.$$eval(`.changes .${sign}`, lines => lines.filter(l => l.checkVisibility()).length);
  expect(await lines('a') > 0 && await lines('d') > 0, 'toggle', stage, 'changes do not show both sides');
  await tab.keyboard.press('b');
  expect(await lines('a') === 0 && await lines('d') > 0, 'toggle', stage, 'before does not hide the added lines');
  await tab.keyboard.press('a');
  expect(await lines('a') > 0 && await lines('d') === 0, 'toggle', stage, 'after does not hide the removed lines');
  await tab.$eval('label:has(#view-changes)', e => e.click());
  expect(await lines('a') > 0 && await lines('d') > 0, 'toggle', stage, 'changes do not come back');
  await tab.focus('#view-changes');
  await tab.keyboard.press('ArrowRight');
  expect(await tab.$eval('#view-after', e => e.checked), 'toggle', stage, 'the arrow keys do not move the choice');
  done('views');

  const paper = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const day = await paper();
  await tab.click('.theme');
  const night = await paper();
  expect(day !== night, 'toggle', stage, 'light and dark are the same');
  await tab.goto(site + 'index.html');
  expect(await paper() === night, 'toggle', 'index.html', 'the choice of dark is forgotten on the next page');
  await tab.keyboard.press('t');
  expect(await paper() === day, 'toggle', 'index.html', 'the key t does not switch back');
  await tab.evaluate(() => { localStorage.clear(); });
  await open('index.html', {dark: true});
  expect(await paper() === night, 'toggle', 'index.html', "the system's dark is not honoured");
  done('light and dark');
}
{
  await open(stage);
  await tab.keyboard.press('n');
  const first = await tab.evaluate(() => document.activeElement.getAttribute('href'));
  expect(/^#note-/.test(first ?? ''), 'keys', stage, `n leads to ${first}`);
  await tab.keyboard.press('n');
  const second = await tab.evaluate(() => document.activeElement.getAttribute('href'));
  expect(second !== first, 'keys', stage, 'n does not go on');
  await tab.keyboard.press('p');
  expect(await tab.evaluate(() => document.activeElement.getAttribute('href')) === first, 'keys', stage, 'p does not go back');
  await tab.evaluate(() => document.activeElement.blur());
  await Promise.all([tab.waitForNavigation(), tab.keyboard.press('ArrowRight')]);
  expect(!tab.url().includes(stage), 'keys', stage, 'the right arrow does not turn the page');
  done('keys');
}
for (const from of [site, `file://${book.folder}/`]) {
  await open('index.html', {from});
  await tab.keyboard.press('/');
  await until(tab, () => document.querySelector('dialog.search')?.open && window.bookIndex);
  await tab.keyboard.type('epoll_wait');
  expect(await until(tab, () => document.querySelectorAll('dialog.search li').length > 0), 'search', from, 'epoll_wait is not found');
  expect(await tab.$('dialog.search mark'), 'search', from, 'what was found is not marked');
  await tab.keyboard.press('ArrowDown');
  await Promise.all([tab.waitForNavigation(), tab.keyboard.press('Enter')]);
  expect(/stage-\d/.test(tab.url()), 'search', from, `leads to ${tab.url()}`);
  await tab.keyboard.press('/');
  await until(tab, () => document.querySelector('dialog.search')?.open && window.bookIndex);
  await tab.keyboard.type('zzyzx');
  expect(await until(tab, () => !document.querySelector('dialog.search .none').hidden), 'search', from, 'nothing found is not said');
  await tab.keyboard.press('Escape');
  expect(await until(tab, () => !document.querySelector('dialog.search').open), 'search', from, 'Esc does not close it');
}
done('search');
{
  await open(stage, {script: false});
  const html = await tab.content();
  expect(html.includes('class="note"') || !html.includes('class="step"'), 'plain', stage, 'no notes without JavaScript');
  expect(await tab.$eval('.tools', e => getComputedStyle(e).display) === 'none', 'plain', stage, 'buttons that need JavaScript show without it');
  await (await tab.$('label:has(#view-after)')).click();
  const gone = await tab.$$eval('.changes .d', lines => lines.every(l => !l.checkVisibility()));
  expect(gone, 'plain', stage, 'the views need JavaScript');
  done('without JavaScript');
}
{
  await open(stage, {width: 794});
  await tab.emulateMediaType('print');
  expect(await tab.$eval('.mast', e => getComputedStyle(e).display) === 'none', 'print', stage, 'the masthead is printed');
  expect(await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth) <= 0, 'print', stage, 'wider than the paper');
  const cut = await tab.$$eval('.changes pre', all => all.filter(p => p.scrollWidth > p.clientWidth + 1).length);
  expect(cut === 0, 'print', stage, `${cut} pieces of code are cut off`);
  done('print');
}

await leave();

async function leave() {
  book.server.close();
  await leaveBrowser();
  done('all');
  process.exit(0);
}
