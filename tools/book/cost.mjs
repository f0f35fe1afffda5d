// cost.mjs - the page about what a request costs: in system calls, in time, in memory. The figures
// are those of build/bench/, when the reader has measured, and otherwise of data/bench/.
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {escape} from './html.mjs';
import {bars, lines, short} from './plots.mjs';

const ours = join(dirname(fileURLToPath(import.meta.url)), 'data/bench'), theirs = process.env.BOOK_BENCH ?? 'build/bench';

function table(file) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [, ...rows] = text.split('\n').filter(l => l && !l.startsWith('#')).map(l => l.split(','));
  const t = {machine: text.match(/^# (date: .*)$/m)?.[1] ?? '', quick: text.includes('QUICK'), cases: [], servers: [], cells: {}};
  for (const [c, server, measure, median, , , , note] of rows) {
    if (!t.cases.includes(c)) t.cases.push(c);
    if (!t.servers.includes(server)) t.servers.push(server);
    t.cells[`${c}/${server}/${measure}`] = measure === 'none' ? note : Number(median);
  }
  t.at = (c, server, measure) => t.cells[`${c}/${server}/${measure}`] ?? null;
  return rows.length ? t : null;
}

// What the reader has measured, if it is about all that ours is about.
function measured(question) {
  const own = table(join(theirs, `${question}.csv`)), given = table(join(ours, `${question}.csv`));
  const whole = own && !own.quick && (given?.servers ?? []).every(s => /\D/.test(s) || own.servers.includes(s));
  return whole ? {...own, here: true} : given;
}

// ------------------------------------------------------------- system calls

function calls(book, stage) {
  const list = n => join(ours, `calls-${n}.txt`);
  if (!existsSync(list(stage.number))) return '';
  const before = book.stages[book.stages.indexOf(stage) - 1];
  const rows = execFileSync('awk', ['-v', 'tsv=1', '-f', 'tools/syscalls.awk', before ? list(before.number) : '/dev/null', list(stage.number)], {encoding: 'utf8'})
    .split('\n').filter(Boolean).map(l => l.split('\t'));
  const count = side => rows.filter(r => r[side]).length;
  const code = text => text ? `<code>${escape(text)}</code>` : '';
  const is = {'+': ' class="plus-row"', '-': ' class="minus-row"', '|': ' class="other-row"'};
  return `<details class="calls"${stage.number === 2 ? ' open' : ''}><summary><b>${stage.number} ${escape(stage.short)}</b> ${count(2)} system calls${before ? `, ${before.number} ${escape(before.short)} had ${count(0)}` : ''}</summary>
<div class="table" tabindex="0"><table><thead><tr>${before ? `<th scope="col">${before.number} ${escape(before.short)}</th>` : ''}<th scope="col">${stage.number} ${escape(stage.short)}</th></tr></thead><tbody>
${rows.map(([left, mark, right]) => `<tr${is[mark] ?? ''}>${before ? `<td>${code(left)}</td>` : ''}<td>${code(right)}</td></tr>`).join('\n')}
</tbody></table></div></details>`;
}

// -------------------------------------------------------------------- plots

const figure = (svg, caption, t, measure, head, form = short) => `<figure class="art"><div class="scroll" tabindex="0">${svg}</div><figcaption>${caption}
<details><summary>as a table</summary><div class="table" tabindex="0"><table><thead><tr><th scope="col">${escape(head)}</th>${t.cases.map(c => `<th scope="col">${escape(c)}</th>`).join('')}</tr></thead><tbody>
${t.servers.map(s => `<tr><th scope="row">${escape(t.named(s))}</th>${t.cases.map(c => `<td>${t.at(c, s, measure) == null ? '–' : form(t.at(c, s, measure), c, s)}</td>`).join('')}</tr>`).join('\n')}
</tbody></table></div></details></figcaption></figure>\n`;

const PEERS = ['nginx', 'nginx+cache', 'lighttpd', 'h2o'];
const ROADS = ['fork', 'thread', 'handoff', 'uring'], BARE = {'bare-epoll': 'c4', 'bare-uring': 'p4'};
const cls = s => /^\d$/.test(s) ? `c${s}` : BARE[s] ?? `p${Math.max(PEERS.indexOf(s), ROADS.indexOf(s)) + 1}`;
const times = x => `${short(x)}×`;

function loadPlot(t) {
  const base = t.at(t.cases[0], t.servers[0], 'rps');
  const svg = lines({label: 'Requests a second by clients at once', xs: t.cases.map(short), xTitle: 'clients at once', yTitle: 'requests a second, as a multiple of stage 1’s with one client',
    series: t.servers.map(s => ({name: t.named(s), cls: cls(s), values: t.cases.map(c => t.at(c, s, 'rps') && t.at(c, s, 'rps') / base)}))});
  const last = t.cases.at(-1), one = t.servers[0], cost = s => t.at(last, s, 'cpu_us') / t.at(last, one, 'cpu_us');
  const others = t.servers.filter(s => /^[2-6]$/.test(s) && t.at(last, s, 'cpu_us')), dearest = others.sort((a, b) => cost(b) - cost(a))[0];
  return figure(svg, `While every client asks at once and reads at once, waiting for many buys nothing: the blocking loop of stage 1 needs no call to learn which client is ready, and ${dearest ? `${t.named(dearest)} pays ${times(cost(dearest))} its CPU time a request at ${short(last)} clients` : 'the others pay for theirs'}.
What the later stages gain shows when clients are idle or slow: in the two plots above.${t.servers.includes('7') ? ' Stage 7 asks the kernel less often: it keeps files open, and reads as soon as it has accepted.' : ''}`,
  t, 'rps', 'multiples', x => times(x / base));
}

function idlePlot(t) {
  const none = s => t.at(t.cases[0], s, 'cpu_us');
  const ratio = (c, s) => t.at(c, s, 'cpu_us') && t.at(c, s, 'cpu_us') / none(s);
  const svg = lines({label: 'CPU time a request by idle clients', xs: t.cases.map(short), xTitle: 'idle clients', yTitle: 'CPU time a request, as a multiple of the same server’s without idle clients', log: true,
    series: t.servers.map(s => ({name: t.named(s), cls: cls(s), end: 'stops here', values: t.cases.map(c => ratio(c, s))}))});
  const last = t.cases.at(-1), poll = ratio(last, '3'), epoll = ratio(last, '4');
  return figure(svg, `${poll ? `With ${short(last)} idle clients a request costs poll ${times(poll)} what it cost with none, because each call gives the kernel the whole list, and every entry is tested again` : 'poll hands the kernel its whole list at each call'}; ${epoll ? `epoll, whose list stays in the kernel, pays ${times(epoll)}` : 'epoll’s list stays in the kernel'}.
The blocking server stops at the first idle client, and select at its 1,024th descriptor.`, t, 'cpu_us', 'multiples', (x, c, s) => times(x / none(s)));
}

function slowPlot(t) {
  const slow = t.cases.at(-1), quiet = t.cases[0];
  if (t.at(slow, t.servers[0], 'answered') == null) return '';
  const answered = s => t.at(slow, s, 'answered') / t.at(slow, s, 'due');
  const svg = bars({label: 'Visitors answered while one client reads slowly', unit: ' %',
    groups: [{name: 'visitors answered within the measurement while one client reads slowly', bars: t.servers.map(s => ({name: t.named(s), cls: cls(s), value: 100 * answered(s)}))}]});
  const good = t.servers.find(s => answered(s) > .99), bad = t.servers.filter(s => answered(s) < .5);
  return figure(svg, `${bad.length ? `Up to ${t.named(bad.at(-1))}, writing to a client that has no room makes the server sleep until it has, and all other clients wait` : 'A blocking write makes all clients wait'}.
${good ? `From ${t.named(good)} on a write that cannot go on is left for later: one in a hundred visitors waits longer than ${times(t.at(slow, good, 'p99_us') / t.at(quiet, good, 'p50_us'))} what the median waits with no slow reader about.` : ''}`, t, 'p99_us', 'the 99th percentile, in ms', x => short(x / 1000));
}

function workersPlot(t) {
  const ratio = (s, c) => t.at(c, s, 'rps') / t.at('1', s, 'rps');
  const svg = bars({label: 'Requests a second with one worker and with two', unit: '×',
    groups: t.servers.map(s => ({name: t.named(s), bars: t.cases.map(c => ({name: c === '1' ? '1 worker' : `${c} workers`, cls: cls(s), value: ratio(s, c)}))}))});
  const shared = /, 2 cores/.test(t.machine);
  return figure(svg, `A second worker serves on a second core: here it makes ${t.servers.map(s => `${times(ratio(s, '2'))} the requests a second at ${t.named(s)}`).join(', and ')}.
${shared ? 'This machine has two cores and the load needs one of them, so the second worker only gets what the load leaves it.' : 'The workers share nothing but the listening socket, so nothing keeps one waiting for another.'}`, t, 'rps', 'multiples of one worker’s', (x, c, s) => times(ratio(s, c)));
}

// Memory and CPU time a client, of the roads beside the stages: multiples of stage 5's.
function roadsPlot(t) {
  const last = t.cases.at(-1), first = t.cases[0];
  const plot = (measure, base, label, yTitle) => lines({label, xs: t.cases.map(short), xTitle: 'clients', yTitle, log: true,
    series: t.servers.filter(s => t.cases.some(c => t.at(c, s, measure))).map(s => ({name: t.named(s), cls: cls(s), values: t.cases.map(c => t.at(c, s, measure) && t.at(c, s, measure) / base)}))});
  const bytes = t.at(last, '5', 'bytes'), cpu = t.at(first, '5', 'cpu_us');
  if (!bytes || !cpu) return '';
  const times_of = (s, c, measure) => t.at(c, s, measure) ? times(t.at(c, s, measure) / t.at(c, '5', measure)) : 'more than could be measured';
  return figure(plot('bytes', bytes, 'Memory for each idle client', 'memory for each idle client, as a multiple of stage 5’s'),
    `With ${short(last)} idle clients, a process for each costs ${times_of('fork', last, 'bytes')} the memory of stage 5’s event loop, and a thread for each ${times_of('thread', last, 'bytes')}: page tables and a kernel stack for each, which the kernel keeps, and the pages that they have touched.`, t, 'bytes', 'multiples', x => times(x / bytes)) +
    figure(plot('cpu_us', cpu, 'CPU time a request', 'CPU time a request, as a multiple of stage 5’s with one client'),
    `A request costs ${times_of('fork', first, 'cpu_us')} the CPU time when a process is made for it, ${times_of('thread', first, 'cpu_us')} with a thread, and ${times_of('handoff', first, 'cpu_us')} when a master accepts it and hands it over.`, t, 'cpu_us', 'multiples', x => times(x / cpu));
}

// A kept request on the two bare loops.
function keptPlot(t) {
  const ratio = c => t.at(c, 'bare-uring', 'cpu_us') / t.at(c, 'bare-epoll', 'cpu_us'), last = t.cases.at(-1);
  const svg = bars({label: 'CPU time a kept request', unit: '×', groups: t.cases.map(c => ({name: `${short(c)} client${c === '1' ? '' : 's'}`,
    bars: t.servers.map(s => ({name: s.replace('bare-', ''), cls: cls(s), value: t.at(c, s, 'cpu_us') / t.at(c, 'bare-epoll', 'cpu_us')}))}))});
  const verdict = !t.servers.includes('bare-uring') ? 'io_uring was refused where this was measured.' : ratio(last) < .97 ?
    `With ${short(last)} clients at once a kept request costs io_uring ${times(ratio(last))} the CPU time of epoll: reads, answers and waits of many clients cross into the kernel together.` :
    `Here io_uring saves no CPU time: with ${short(last)} clients at once a kept request costs ${times(ratio(last))} epoll’s. The calls are fewer, but a call is cheap beside what TCP does inside it, and each request has to be written down, queued and completed.`;
  return figure(svg, `${verdict} Both loops do nothing but wait, read, and send one small file from memory.`, t, 'cpu_us', 'multiples of epoll’s', (x, c) => times(x / t.at(c, 'bare-epoll', 'cpu_us')));
}

const beside = (t, measure, base) => t.cases.map(c => ({name: /^\d+$/.test(c) ? `${short(c)} clients` : c, bars: t.servers.map(s => ({name: t.named(s), cls: cls(s),
  value: t.at(c, s, measure) == null || !t.at(c, base, measure) ? null : t.at(c, s, measure) / t.at(c, base, measure), note: t.at(c, s, 'none') ? 'not possible' : ''}))}));

// The best of the peers, and how stage 7 stands beside it.
const standing = (t, c, measure) => {
  const best = t.servers.filter(s => PEERS.includes(s) && t.at(c, s, measure)).sort((a, b) => t.at(c, a, measure) - t.at(c, b, measure))[0];
  return best && t.at(c, '7', measure) ? `${times(t.at(c, '7', measure) / t.at(c, best, measure))} ${best}’s` : null;
};

function peerPlot(t, measure, label, prose) {
  const base = t.servers.includes('nginx') ? 'nginx' : t.servers[0];
  return figure(bars({label, groups: beside(t, measure, base), unit: '×'}), prose(t), t, measure, `multiples of ${base}’s`, (x, c) => t.at(c, base, measure) ? times(x / t.at(c, base, measure)) : '–');
}

const PLOTS = [
  ['idle', 'Idle clients', idlePlot],
  ['slow', 'A client that reads slowly', slowPlot],
  ['load', 'Many clients at once', loadPlot],
  ['workers', 'Two workers', workersPlot],
  ['requests', 'Beside the servers people run: requests', t => peerPlot(t, 'cpu_us', 'CPU time a request, beside nginx', t =>
    `CPU time a request, nginx’s as 1${standing(t, 'keep-alive', 'cpu_us') ? `; on a connection that is kept stage 7 needs ${standing(t, 'keep-alive', 'cpu_us')}, the best of the others${standing(t, '16 pipelined', 'cpu_us') ? `, and ${standing(t, '16 pipelined', 'cpu_us')} when 16 requests come at once` : ''}` : ''}.
Keeping a connection saves the handshake and accept, and answering all requests of one read in one write saves a system call for each.`)],
  ['sizes', 'Beside the servers people run: files', t => peerPlot(t, 'cpu_us', 'CPU time a request by the size of the file, beside nginx', t =>
    `CPU time a request, nginx’s as 1${standing(t, '100 KiB', 'cpu_us') ? `; for 100 KiB stage 7 needs ${standing(t, '100 KiB', 'cpu_us')}` : ''}.
The larger the file, the more of the time is the kernel’s, which copies the same bytes for every server, and the less is left for a server to save.`)],
  ['memory', 'Beside the servers people run: memory', t => peerPlot(t, 'bytes', 'User memory for each idle keep-alive client, beside nginx', t =>
    `Bytes of user memory for each idle keep-alive client, nginx’s as 1${standing(t, t.cases[0], 'bytes') ? `; stage 7 needs ${standing(t, t.cases[0], 'bytes')}` : ''}.
An idle client needs a slot and a timer; a server that also keeps its buffers and its request’s memory pays for every client that might come back.${t.cases.filter(c => t.at(c, '7', 'workers') > 1).map(c => `
${short(c)} clients are shared by ${t.at(c, '7', 'workers')} workers of stage 7, and by as many of the others as they need, because here one process may not have so many descriptors.`).join('')}`)],
  ['calls', 'Beside the servers people run: system calls', t => peerPlot(t, 'requests_per_call', 'Requests for each system call, beside nginx', () =>
    `Requests for each system call, nginx’s as 1: here more is better.
A call costs the way into the kernel and back whatever it does, so a server that reads and writes many requests at once has time left for more.`)],
  ['roads', 'Other roads: a process, a thread, a handed-out connection for each client', roadsPlot],
  ['kept', 'After epoll: a bare loop on io_uring', keptPlot],
];

export function costPage(book) {
  const named = s => book.stages.find(x => String(x.number) === s) ? `${s} ${book.stages.find(x => String(x.number) === s).short}` : s;
  const lists = book.stages.map(stage => calls(book, stage)).filter(Boolean);
  let machine = '', here = false;
  const plots = PLOTS.map(([question, title, plot]) => {
    const t = measured(question);
    if (!t || !t.servers.length) return '';
    t.named = named;
    machine ||= t.machine;
    here ||= t.here;
    return `<h2 id="${question}"><a href="#${question}">${escape(title)}</a></h2>\n<p class="meta"><span>measure it: <code>make bench Q=${question}</code></span></p>\n${plot(t)}`;
  });
  return {file: 'bench.html', name: 'What it costs', title: 'What a request costs', body: `<header class="chapter"><p class="kicker">Measured</p><h1>What a request costs</h1><p class="meta"><span>measure it: <code>make bench</code></span><span>count it: <code>make syscalls 3</code></span></p></header>
<div class="prose opening"><p>In system calls, in time, and in memory: each stage beside the one before, and the last one beside the servers that people run. Figures differ from machine to machine, so the plots show multiples.</p>
<p class="keys">${machine ? `Measured ${here ? 'on this machine' : 'for the book'}: ${escape(machine.replace(/(^|; )(date|machine|kernel|compiler|load|peer|how|disturbed): /g, '$1'))}.` : ''}${here ? '' : ' After <code>make bench</code>, <code>make book</code> shows yours.'}</p></div>
${lists.length ? `<h2 id="system-calls"><a href="#system-calls">The system calls of one request</a></h2>\n<div class="prose"><p>A small file, on a connection of its own. Waiting for many costs calls that waiting for one does not. Epoll’s list has calls of its own; stage 5 tries first and waits only when it must, and stage 7 keeps files open, and does not wait when the next client is in the queue already.</p></div>\n${lists.join('\n')}\n` : ''}${plots.join('\n')}`};
}
