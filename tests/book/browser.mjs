// browser.mjs BOOK [PAGE] - looks at every page of the book (or at one, without operating it) as
// a reader's browser does. Prints a line for each finding, "what: page: detail", and for each
// thing that it did, "done: what".
import {createServer} from 'node:http';
import {readFileSync, readdirSync, existsSync} from 'node:fs';
import {extname, join, resolve} from 'node:path';
import {launch} from './chromium.mjs';

const book = resolve(process.argv[2]);
const pages = readdirSync(book).filter(f => f.endsWith('.html')).sort();
const TYPES = {'.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.woff2': 'font/woff2', '.svg': 'image/svg+xml'};
const server = createServer((request, response) => {
  const file = join(book, new URL(request.url, 'http://x').pathname);
  if (!existsSync(file)) { response.writeHead(404); response.end(); return; }
  response.writeHead(200, {'content-type': TYPES[extname(file)] ?? 'text/plain'});
  response.end(readFileSync(file));
});
await new Promise(listening => server.listen(0, '127.0.0.1', listening));
const site = `http://127.0.0.1:${server.address().port}/`;

const {browser, leave: leaveBrowser} = await launch();

const found = (what, page, detail) => console.log(`${what}: ${page}: ${detail}`);
const done = what => console.log(`done: ${what}`);
const expect = (condition, what, page, detail) => { if (!condition) found(what, page, detail); };
const pause = ms => new Promise(over => setTimeout(over, ms));

// Until CONDITION holds in the page, 5 seconds at most.
const until = (tab, condition, ...args) => tab.waitForFunction(condition, {timeout: 5000, polling: 30}, ...args).then(() => true, () => false);

async function open(file = 'index.html', {width = 1280, height = 900, dark = false, script = true, from = site} = {}) {
  const tab = await browser.newPage();
  await tab.setViewport({width, height});
  await tab.setJavaScriptEnabled(script);
  await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}, {name: 'prefers-reduced-motion', value: 'reduce'}]);
  tab.on('console', message => { if (message.type() === 'error') found('console', file, message.text()); });
  tab.on('pageerror', error => found('console', file, error.message));
  tab.on('requestfailed', request => found('request', file, `${request.url()} failed`));
  tab.on('request', request => { if (!/^(data|file):/.test(request.url()) && !request.url().startsWith(site)) found('request', file, `${request.url()} leaves the site`); });
  tab.on('response', response => { if (response.status() >= 400) found('request', file, `${response.url()} is ${response.status()}`); });
  await tab.goto(from + file);
  return tab;
}

// ------------------------------------------------- every page: links, widths, colours

const ids = {};
for (const file of pages) ids[file] = new Set([...readFileSync(join(book, file), 'utf8').matchAll(/\sid="([^"]+)"/g)].map(m => m[1]));

function checkLinks(file, links) {
  for (const href of links) {
    if (/^https:\/\/(man7\.org\/linux\/man-pages\/|www\.rfc-editor\.org\/)/.test(href)) continue;
    if (/^https?:/.test(href)) { if (!/^https:/.test(href) && !/^http:\/\/(127\.0\.0\.1|localhost)/.test(href)) found('link', file, `${href} is not https`); continue; }
    const [path, hash] = href.split('#');
    const target = path || file;
    if (!ids[target]) found('link', file, `${href}: there is no ${target}`);
    else if (hash && !ids[target].has(decodeURIComponent(hash))) found('link', file, `${href}: there is no #${hash}`);
  }
}

// Runs in the page: texts whose colour is too near to what lies behind them.
function weakTexts() {
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
  const weak = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, style = getComputedStyle(e);
    if (!walker.currentNode.data.trim() || /SCRIPT|STYLE/.test(e.tagName) || !e.checkVisibility({visibilityProperty: true})) continue;
    const svg = e.closest('svg');
    const node = svg && e.closest('.node rect, .node')?.querySelector?.('rect');
    const back = node ? over(rgba(getComputedStyle(node).fill), behind(svg)) : behind(svg ?? e);
    const r = ratio(over(rgba(svg ? style.fill : style.color), back), back);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (r < (large ? 3 : 4.5)) weak.set(`${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''} in .${e.parentElement.getAttribute('class') ?? ''}`, `${r.toFixed(2)} "${walker.currentNode.data.trim().slice(0, 30)}"`);
    // line numbers and signs
    const before = getComputedStyle(e, '::before');
    if (e.classList.contains('l') && ratio(over(rgba(before.color), behind(e)), behind(e)) < 4.5) weak.set('line number', e.className);
  }
  return [...weak].map(([what, value]) => `${what} ${value}`);
}

for (const file of process.argv[3] ? [process.argv[3]] : pages) {
  const tab = await open(file);
  checkLinks(file, await tab.$$eval('a[href]', links => links.map(a => a.getAttribute('href'))));
  const problems = await tab.evaluate(() => ({
    h1: document.querySelectorAll('h1').length, title: document.title, doubled: [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i),
    unnamed: [...document.querySelectorAll('button, a, summary, input')].filter(e => !e.textContent.trim() && !e.getAttribute('aria-label') && !e.labels?.length).length,
  }));
  expect(problems.h1 === 1, 'structure', file, `${problems.h1} h1`);
  expect(problems.title, 'structure', file, 'no title');
  expect(!problems.doubled.length, 'structure', file, `ids twice: ${problems.doubled}`);
  expect(!problems.unnamed, 'structure', file, `${problems.unnamed} controls without a name`);
  for (const prompt of await tab.$$eval('.console .prompt', all => all.map(e => e.textContent)))
    expect(/^(\$|sock>) $/.test(prompt), 'structure', file, `a prompt reads ${prompt}`);
  await tab.$$eval('details', all => all.forEach(d => { d.open = true; }));
  for (const theme of ['light', 'dark']) {
    await tab.evaluate(t => { document.documentElement.dataset.theme = t; }, theme);
    for (const text of await tab.evaluate(weakTexts)) found('contrast', file, `${theme}: ${text}`);
    for (const view of ['view-before', 'view-after', 'view-changes'])
      if (await tab.$(`#${view}`)) {
        await tab.$eval(`#${view}`, e => e.click());
        for (const text of await tab.evaluate(weakTexts)) found('contrast', file, `${theme}, ${view}: ${text}`);
      }
  }
  for (const width of [320, 390, 820, 1280]) {
    await tab.setViewport({width, height: 800});
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide <= 0, 'width', file, `${wide} px wider than a window of ${width}`);
  }
  await tab.close();
}
done('pages');
if (process.argv[3]) await leave();

// -------------------------------------------------------------- what can be operated

const stage = pages.find(p => p === 'stage-3.html') ?? pages.find(p => p.startsWith('stage-'));
{
  const tab = await open(stage);
  const shown = async sign => tab.$$eval(`.changes .${sign}`, lines => lines.filter(l => l.checkVisibility()).length);
  expect(await shown('a') > 0 && await shown('d') > 0, 'toggle', stage, 'changes do not show both sides');
  await tab.keyboard.press('b');
  expect(await shown('a') === 0 && await shown('d') > 0, 'toggle', stage, 'before does not hide the added lines');
  await tab.keyboard.press('a');
  expect(await shown('a') > 0 && await shown('d') === 0, 'toggle', stage, 'after does not hide the removed lines');
  await tab.$eval('label:has(#view-changes)', e => e.click());
  expect(await shown('a') > 0 && await shown('d') > 0, 'toggle', stage, 'changes do not come back');
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
  await tab.close();
  const dark = await open('index.html', {dark: true});
  await dark.evaluate(() => { localStorage.clear(); });
  await dark.reload();
  expect(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor) === night, 'toggle', 'index.html', "the system's dark is not honoured");
  await dark.close();
  done('light and dark');
}
{
  const tab = await open(stage);
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
  await tab.close();
  done('keys');
}
for (const from of [site, `file://${book}/`]) {
  const tab = await open('index.html', {from});
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
  await tab.close();
}
done('search');
{
  const tab = await open(stage, {script: false});
  const html = await tab.content();
  expect(html.includes('class="note"') || !html.includes('class="step"'), 'plain', stage, 'no notes without JavaScript');
  expect(await tab.$eval('.tools', e => getComputedStyle(e).display) === 'none', 'plain', stage, 'buttons that need JavaScript show without it');
  await (await tab.$('label:has(#view-after)')).click();
  const gone = await tab.$$eval('.changes .d', lines => lines.every(l => !l.checkVisibility()));
  expect(gone, 'plain', stage, 'the views need JavaScript');
  await tab.close();
  done('without JavaScript');
}
{
  const tab = await open(stage, {width: 794});
  await tab.emulateMediaType('print');
  expect(await tab.$eval('.mast', e => getComputedStyle(e).display) === 'none', 'print', stage, 'the masthead is printed');
  expect(await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth) <= 0, 'print', stage, 'wider than the paper');
  const cut = await tab.$$eval('.changes pre', all => all.filter(p => p.scrollWidth > p.clientWidth + 1).length);
  expect(cut === 0, 'print', stage, `${cut} pieces of code are cut off`);
  await tab.close();
  done('print');
}

await leave();

async function leave() {
  server.close();
  await leaveBrowser();
  done('all');
  process.exit(0);
}
