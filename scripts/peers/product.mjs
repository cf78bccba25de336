// How this project is measured beside other viewers: JupyterLab runs behind the emulated link, beside the data; the page is
// loaded before the clock starts; the clock starts with the command that a click in the panel runs.
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { quietNews } from '../lib/server.mjs';
import { bin } from '../lib/setup.mjs';

const [token, port] = ['peers', 8888];
const state = mkdtempSync(path.join(os.tmpdir(), 'bioimage-peers-'));
/** The measured data lie on a web server that only JupyterLab's server reaches without the link. */
const stores = [{ id: 'peers', label: 'Data', url: 'http://127.0.0.1:8000', prefixes: [], prefer: 'session' }];
const env = {
  BIOIMAGE_STORES: JSON.stringify(stores),
  JUPYTERLAB_WORKSPACES_DIR: path.join(state, 'workspaces'),
  JUPYTERLAB_SETTINGS_DIR: path.join(state, 'settings')
};
quietNews(env.JUPYTERLAB_SETTINGS_DIR);
const quoted = Object.entries(env).map(([name, value]) => `${name}='${value}'`);

export default {
  label: 'jupyterlab-bioimage',
  server: `http://127.0.0.1:${port}`,
  serverCommand: [
    'sh', '-c',
    `${quoted.join(' ')} exec ${bin('jupyter-lab')} --no-browser --allow-root --ip=127.0.0.1 --port=${port} --ServerApp.root_dir=${state} --IdentityProvider.token=${token} --ServerApp.allow_remote_access=True --LabApp.expose_app_in_browser=True 2>&1`
  ],
  serverReady: /is running at/,
  canvas: '.jp-BioImagePreview canvas, .jp-BioImagePreview img',
  isData: url => url.includes('/bioimage/'),
  isChunk: url => /\/bioimage\/stores\/[^/]+\/(open|plane|thumbnail|plate|objects|batch|decode)/.test(url),

  async prepare(page, base) {
    await page.goto(`${base}/lab?token=${token}&reset`);
    await page.waitForFunction(() => window.jupyterapp?.restored, null, { timeout: 60000 });
    await page.evaluate(() => window.jupyterapp.restored);
    await page.evaluate(() => window.jupyterapp.commands.execute('bioimage:open-browser'));
  },

  // not awaited in the page: the promise may resolve only when the preview is ready
  open: (page, { serverData }) =>
    page.evaluate(uri => {
      void window.jupyterapp.commands.execute('bioimage:open-preview', { uri });
    }, `store:peers${new URL(serverData).pathname}`),

  async scrub(page, i, { z }) {
    const slider = page.getByRole('slider', { name: 'Z' }).first();
    await slider.focus();
    await page.keyboard.press((Math.floor(z / 2) + i) % z ? 'ArrowRight' : 'Home');
  }
};
