import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Builds the bundle where it is older than the sources, so the first call may take its time. */
describe('the commands as one file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bundle-'));
    await writeFile(path.join(folder, '.zattrs'), JSON.stringify({ labels: [] }));
    const array = {
      zarr_format: 2,
      shape: [2],
      chunks: [2],
      dtype: '|u1',
      fill_value: 7,
      order: 'C',
      filters: null,
      compressor: null
    };
    await writeFile(path.join(folder, '.zarray'), JSON.stringify(array));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const cli = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(process.execPath, [path.resolve('scripts', 'cli.mjs'), ...args], { cwd: tmpdir() });

  it('print one JSON object a line and nothing else', async () => {
    const judged = await cli('validate', folder, folder);
    expect(
      judged.stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as unknown)
    ).toEqual(Array(2).fill({ valid: true, message: 'Valid OME-Zarr 0.4 list of labels.', path: folder }));
    const read = await cli('read', folder);
    expect(read.stderr).toBe('');
    expect(JSON.parse(read.stdout)).toMatchObject({
      path: folder,
      shape: [2],
      dtype: 'uint8',
      min: 7,
      max: 7,
      chunks: { read: 0, absent: 1 }
    });
  }, 120_000);

  it('tell wrong usage by the exit status', async () => {
    await expect(cli('paint')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('validate|read') });
  }, 120_000);
});
