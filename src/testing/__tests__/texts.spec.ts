import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../../..');

describe('the texts for translators', () => {
  const { wrong, pot } = JSON.parse(
    execFileSync('node', ['scripts/texts.mjs', '--check'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 })
  ) as { wrong: string[]; pot: string };

  it('are whole literals, none of them put together', () => {
    expect(wrong).toEqual([]);
  });

  it('are those of the catalogue; `node scripts/texts.mjs` writes it anew', () => {
    const written = readFileSync(path.join(ROOT, 'jupyterlab_bioimage/locale/jupyterlab_bioimage.pot'), 'utf8');
    expect(written.split('\n\n').sort()).toEqual(pot.split('\n\n').sort());
  });
});
