// slides.mjs FILE - turns the slides of a file with the keys, from the disk, with and without JavaScript, and prints them.
import {strict as assert} from 'node:assert';
import {resolve} from 'node:path';
import {launch} from './chromium.mjs';

const {browser, leave} = await launch();
const tab = await browser.newPage();
const errors = [];
tab.on('pageerror', error => errors.push(error.message));
tab.on('request', request => { if (!/^(file|data):/.test(request.url())) errors.push(`${request.url()} leaves the disk`); });
await tab.setViewport({width: 1280, height: 720});
await tab.goto(`file://${resolve(process.argv[2])}`);
const count = await tab.$$eval('.slide', all => all.length);
const first = () => tab.$$eval('.slide', all => all.findLastIndex(s => s.getBoundingClientRect().top <= innerHeight / 2));
const press = async key => { await tab.keyboard.press(key); return first(); };

try {
  assert.equal(await first(), 0);
  assert.equal(await press('ArrowRight'), 1);
  assert.equal(await press('ArrowRight'), 2);
  assert.equal(await press('ArrowLeft'), 1);
  assert.equal(await press('End'), count - 1);
  assert.equal(await press('Home'), 0);

  const paper = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await paper();
  await press('t');
  assert.notEqual(await paper(), before, 't changes light and dark');
  const ask = await tab.$$eval('.slide', all => all.findIndex(s => s.classList.contains('ask')));
  await press('Home');
  while (await first() < ask) await press('ArrowRight');
  await press('a');
  assert.equal(await tab.$$eval('.slide', (all, at) => all[at].querySelector('.answer').open, ask), true);

  // a phone: no text is cut off at the side
  await tab.setViewport({width: 390, height: 800});
  assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways on a phone');

  await tab.setJavaScriptEnabled(false);
  await tab.reload();
  assert.equal(await tab.$$eval('.slide', all => all.filter(s => s.checkVisibility() && s.innerText.trim()).length), count);
  const pdf = Buffer.from(await tab.pdf({preferCSSPageSize: true, printBackground: true})).toString('latin1');
  assert.equal((pdf.match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length, count, 'pages on paper');
  assert.deepEqual(errors, []);
} finally {
  await leave();
}
