import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CHUNK_CASES } from '../../testing/hostile/chunks';
import { METADATA_CASES } from '../../testing/hostile/metadata';
import { serveFolder, type IHttpFolder } from '../../testing/httpfolder';
import { projectPython, startSession, type ISessionServer } from '../../testing/sessionserver';
import { read } from '../read';

// Those that are arrays at the root of their store; images are opened by the viewer, not by this command.
const CASES = [...METADATA_CASES, ...CHUNK_CASES].filter(test => !test.image);

/** The code the command prints for each place, or `pixels`. */
async function codes(args: (place: string) => string[]): Promise<string[]> {
  const out: string[] = [];
  for (const [i, { region }] of CASES.entries()) {
    const cut = region ? ['--region', region.map(([from, to]) => `${from}:${to}`).join(',')] : [];
    await read([...cut, ...args(String(i))], line => {
      const printed = JSON.parse(line) as { error?: { code: string } };
      out.push(printed.error?.code ?? 'pixels');
    });
  }
  return out;
}

/** @param also - a code that is right as well, by row and variant */
function wrong(found: string[], also: Readonly<Record<string, string>> = {}): string[] {
  return CASES.flatMap(({ row, variant, expected }, i) => {
    const name = `${row} ${variant}`;
    return [...expected, also[name]].includes(found[i]) ? [] : [`${name}: ${found[i]}`];
  });
}

describe('hostile arrays through the read command', () => {
  let folder: string;
  let server: IHttpFolder;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hostile-'));
    for (const [i, test] of CASES.entries()) {
      await mkdir(path.join(folder, String(i)));
      for (const [key, bytes] of await test.objects()) {
        await writeFile(path.join(folder, String(i), key), bytes);
      }
    }
    server = await serveFolder(folder);
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('give their codes from a folder', async () => {
    expect(wrong(await codes(place => [path.join(folder, place)]))).toEqual([]);
  }, 120_000);

  it('give their codes over HTTP', async () => {
    // Over HTTP a page is recognised before it is taken for a chunk of any kind.
    expect(wrong(await codes(place => [`${server.url}/${place}`]), { 'B04 HTML text': 'UPSTREAM_BAD' })).toEqual([]);
  }, 120_000);

  const python = projectPython();
  (python ? it : it.skip)(
    'give their codes through a running session',
    async () => {
      const session: ISessionServer = await startSession(python ?? '', 'bad', folder);
      try {
        const route = ['--route', 'session', '--server', session.url, '--token', session.token, '--store', 'bad'];
        expect(wrong(await codes(place => [...route, place]))).toEqual([]);
      } finally {
        await session.stop();
      }
    },
    180_000
  );
});
