// status-page.mjs URL MASTER - watches www/status.html in a browser while things happen to the server
// of that process. Prints "seen: what" for each, and "missing: what" for what did not show in time.
import {connect} from 'node:net';
import {launch} from '../book/chromium.mjs';

const [url, master] = [new URL(process.argv[2]), Number(process.argv[3])];
const {browser, leave} = await launch();
const tab = await browser.newPage();
await tab.setViewport({width: 320, height: 800});
const faults = [];
tab.on('pageerror', error => faults.push(error.message));
tab.on('request', request => { if (!request.url().startsWith(url.origin)) faults.push(`${request.url()} leaves the site`); });

// What a row of bars says: its number, the widths of its parts, its state.
const rows = id => tab.$$eval(`#${id} li`, all => all.map(li => ({
  name: li.children[0].textContent, says: li.children[2].textContent, state: li.className,
  widths: [...li.querySelectorAll('.track i')].map(i => parseFloat(i.style.width)),
})));
const row = async (id, name) => (await rows(id)).find(r => r.name.startsWith(name)) ?? {says: '', widths: []};
const count = async name => Number((await row('connections', name)).says.replace(',', ''));

async function see(what, condition) {
  const last = Date.now() + 20000;
  while (!await condition().catch(() => false)) {
    if (Date.now() > last) { console.log(`missing: ${what}: ${JSON.stringify(await rows('connections'))} ${JSON.stringify(await rows('workers'))}`); return; }
    await new Promise(over => setTimeout(over, 50));
  }
  console.log(`seen: ${what}`);
}

const client = text => new Promise(there => {
  const socket = connect(url.port, url.hostname, () => { socket.write(text); there(socket); });
  socket.on('error', () => {});
});
const clients = (n, text) => Promise.all(Array.from({length: n}, () => client(text)));
const request = path => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const worker_pids = async () => (await rows('workers')).map(r => Number(r.name.replace(/\D/g, ''))).sort();

await tab.goto(url.origin + '/status.html');
await see('two workers', async () => (await rows('workers')).length === 2);
await see('no sideways scroll on a phone', () => tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth));

const idle = await clients(30, request('/index.html'));
await see('idle clients', async () => await count('waiting') >= 30);
await see('their share of the bar', async () => (await row('connections', 'waiting')).widths[0] > 80);
const talking = await clients(5, 'GET / HT');
await see('clients in the middle of a head', async () => await count('reading') === 5);
idle.concat(talking).forEach(socket => socket.destroy());
await see('they are gone', async () => await count('waiting') <= 2 && await count('reading') === 0);

const slow = await clients(3, request('/slow?x'));
await see('tasks of threads', () => tab.$eval('#tasks', e => e.textContent === '3'));
slow.forEach(socket => socket.resetAndDestroy()); // a mere end would be a client that waits for its answer
await see('connections that close while a thread works', async () => await count('closing') === 3);
await see('parked ones', async () => await count('parked') === 3);
await see('free slots again', async () => await count('parked') === 0 && await count('closing') === 0);
await see('a zone', async () => (await row('zones', 'addresses')).widths[0] > 0);

const behind = async name => Number((await row('upstreams', name)).says);
const asking = await clients(3, request('/behind')); // one after the other, for 2 s each
await see('a busy connection to a server behind', async () => await behind('busy') === 1);
await see('requests that wait for it', async () => await behind('waiting') > 0);
await see('that this server is full', async () => (await rows('servers')).some(r => r.name.startsWith('unix:') && r.says === 'full'));
await see('an idle connection to it', async () => await behind('idle') > 0 && await behind('busy') === 0 && await behind('waiting') === 0);
asking.forEach(socket => socket.destroy());

const before = await worker_pids();
process.kill(before[0], 'SIGKILL');
await see('a worker in the place of one that was killed', async () => { const now = await worker_pids(); return now.length === 2 && !now.includes(before[0]); });

const download = await client(request('/large'));
download.pause();
await see('a download', async () => await count('writing') >= 2);
process.kill(master, 'SIGHUP');
await see('a worker that leaves beside its successors', async () => (await rows('workers')).some(r => r.state === 'leaving') && (await rows('workers')).length === 3);
download.destroy();
await see('it has left', async () => (await rows('workers')).length === 2);

process.kill(master, 'SIGTERM');
await see('no server answers', () => tab.$eval('#trouble', e => !e.hidden && /does not answer/.test(e.textContent)));
for (const fault of faults) console.log(`missing: a page without faults: ${fault}`);
await leave();
