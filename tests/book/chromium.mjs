// Debian's chromium without a window, with a profile of its own, and without requests of its own.
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import puppeteer from 'puppeteer-core';

export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), 'lab-chromium-'));
  const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  const browser = await puppeteer.launch({
    executablePath, headless: true, userDataDir: profile,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const leave = async () => {
    await browser.close();
    await new Promise(over => setTimeout(over, 50)); // its helpers let go of the profile
    rmSync(profile, {recursive: true, force: true, maxRetries: 5});
  };
  return {browser, leave};
}
