import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isBioImageError } from '../../core';
import { sharedPath } from '../../testing';
import { projectPython } from '../../testing/sessionserver';
import type { IRewrite } from '..';
import { locate, sampleByImageNumber } from '..';
import { parseTable } from '../csv';

const NEW = 'https://livingobjects.ebi.ac.uk';
const OLD_HOST = 'uk1s3.embassy.ebi.ac.uk';
/** Where each of the recorded old addresses has to lead, by its beginning; '' where its bucket is known nowhere. */
const EXPECTED: Readonly<Record<string, string>> = {
  [`https://${OLD_HOST}/bia-integrator-data/`]: `${NEW}/bioimaging-integrator-data/`,
  [`https://${OLD_HOST}/bia-zarr-test/`]: '',
  [`s3://${OLD_HOST}/bia-idr-integration/`]: '',
  [`${NEW}/ebi-ngff-challenge-2024/`]: `${NEW}/bioimaging-01-pub/ebi-ngff-challenge-2024/`,
  'https://bioimaging-01-pub.livingobjects.ebi.ac.uk/': `${NEW}/bioimaging-01-pub/`
};
/** Addresses that no recorded file has, of buckets that the table of moves names. */
const OTHERS = [
  `https://${OLD_HOST}/idr/zarr/v0.4/idr0062A/6001240.zarr`,
  `https://${OLD_HOST}/idr/share/ome2024-ngff-challenge/idr0051/a.zarr`,
  `https://${OLD_HOST}/bia-zarr-test/vizarr/a.zarr`,
  `https://${OLD_HOST}/ebi-ngff-challenge-2024/c0e5d621-62cc-43a6-9dad-2ddab8959d17.zarr`,
  `https://livingobjects-int.ebi.ac.uk/bioimaging-integrator-data/S-BIAD1/a/b.ome.zarr/0`
];
const EXPECTED_OTHERS = [
  `${NEW}/idr/zarr/v0.4/idr0062A/6001240.zarr`,
  `${NEW}/idr/share/ome2024-ngff-challenge/idr0051/a.zarr`,
  `${NEW}/bioimaging-01-pub/bia-zarr-test/vizarr/a.zarr`,
  `${NEW}/bioimaging-01-pub/ebi-ngff-challenge-2024/c0e5d621-62cc-43a6-9dad-2ddab8959d17.zarr`,
  `${NEW}/bioimaging-integrator-data/S-BIAD1/a/b.ome.zarr/0`
];

const { signal } = new AbortController();
const python = projectPython();
const folders = [path.resolve('fixtures/recorded'), sharedPath('fixtures', 'recorded')].filter(one => one !== null);

/** The table of moves as it is where an operator sets none. */
function defaultRewrites(): IRewrite[] {
  const code = 'import json; from jupyterlab_bioimage.config import BioImage; print(json.dumps(BioImage().rewrites))';
  const text = execFileSync(python ?? '', ['-c', code], { encoding: 'utf8' });
  return Object.entries(JSON.parse(text) as Record<string, string>).map(([from, to]) => ({ from, to }));
}

/** Every address in the recorded answers that is on the old host, by an internal or bucket's name, or in a wrong bucket. */
function oldAddresses(folder: string): string[] {
  const found = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.(json|csv|tsv|yaml|txt)$/.test(name)) {
      const text = readFileSync(path.join(folder, name), 'utf8');
      for (const [address] of text.matchAll(/(?:https?|s3):\/\/(?:(?!%22|%7C|#)[^\s"'<>,\\()|])+/g)) {
        if (/uk1s3|livingobjects-int|\/\/[\w-]+\.livingobjects|livingobjects[^/]*\/ebi-ngff-challenge/.test(address)) {
          found.add(address);
        }
      }
    }
  }
  return [...found].sort();
}

const test = python === null ? it.skip : it;

describe('old addresses in the recorded answers', () => {
  for (const folder of folders) {
    test(`lead where their storage is now, or end as moved or removed: ${path.relative('..', folder)}`, async () => {
      const rewrites = defaultRewrites();
      const counts = new Map<string, number>();
      const addresses = oldAddresses(folder);
      expect(addresses.length).toBeGreaterThan(30);
      for (const address of addresses) {
        // Everything that the table of moves leads to is there, nothing else.
        const probe = (uri: string) =>
          Promise.resolve(
            uri.startsWith(`${NEW}/`) && !uri.includes('/ebi-ngff') !== uri.includes('/bioimaging-01-pub/ebi-ngff')
          );
        const begin = Object.keys(EXPECTED).find(one => address.startsWith(one)) ?? '';
        const outcome = await locate(address, { rewrites, probe }, signal).catch((error: unknown) => error);
        if (isBioImageError(outcome, 'NOT_FOUND')) {
          expect([address, EXPECTED[begin]]).toEqual([address, '']);
          expect(outcome.message).toContain(`moved or removed. Its address was ${address}`);
        } else {
          const rest = address
            .slice(begin.length)
            .replace(/\/(\.z(attrs|group|array)|)$/, '')
            .replace(/\/$/, '');
          expect(outcome).toMatchObject({ uri: EXPECTED[begin] + rest });
        }
        const rule = `${begin} → ${EXPECTED[begin] || 'moved or removed'}`;
        counts.set(rule, (counts.get(rule) ?? 0) + 1);
      }
      process.stdout.write(
        `${addresses.length} old addresses\n` +
          [...counts].map(([rule, count]) => `${String(count).padStart(4)}  ${rule}\n`).join('')
      );
      expect(Object.fromEntries(counts)).toMatchObject({
        [`${NEW}/ebi-ngff-challenge-2024/ → ${NEW}/bioimaging-01-pub/ebi-ngff-challenge-2024/`]: 10,
        [`s3://${OLD_HOST}/bia-idr-integration/ → moved or removed`]: 1
      });
    });
  }

  test('have rules for buckets that none of them is in', async () => {
    const rewrites = defaultRewrites();
    const found = await Promise.all(
      OTHERS.map(uri => locate(uri, { rewrites, probe: () => Promise.resolve(true) }, signal))
    );
    expect(found.map(({ uri }) => uri)).toEqual(EXPECTED_OTHERS);
    expect(found.map(({ formerUri }) => formerUri)).toEqual(OTHERS);
  });

  const table = sharedPath('fixtures', 'recorded', 'ngff-catalogues', 'idr-ome-ngff-samples.csv');
  (table === null ? it.skip : test)('fall back to another sample of the same image', async () => {
    const rewrites = defaultRewrites();
    const samples = sampleByImageNumber(parseTable(readFileSync(table ?? '', 'utf8'), ','), rewrites);
    const formerUri = `https://${OLD_HOST}/idr/zarr/v0.1/4007801.zarr`;
    const uri = `${NEW}/idr/zarr/v0.4/idr0044A/4007801.zarr`;
    const probe = (address: string) => Promise.resolve(address === uri);
    const found = await locate(formerUri, { rewrites, probe, samples: () => Promise.resolve(samples) }, signal);
    expect(found).toEqual({ uri, formerUri, by: 'sample' });
  });
});
