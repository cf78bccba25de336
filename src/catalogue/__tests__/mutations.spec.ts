/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { isBioImageError } from '../../core';
import type { IQuery } from '../../entities';
import { startArchives, type IArchives } from '../../testing';
import { memoryEnvironment, PROVIDERS } from '..';
import type { ICatalogueEnvironment, ICatalogueSource, IRelayAnswer, Relay } from '..';
import { mutate, randomOf, type Random } from './mutate';
import { Judge } from './promised';

/** Mutated answers that are fed: as many as asked for in a full run, a tenth otherwise. */
const ANSWERS = process.env.BIOIMAGE_CAMPAIGN === 'full' ? 10_000 : 1_000;
const SEED = 20260827;
const LIMIT = 20;

const TEXTS = ['', 'zebrafish', 'light sheet', 'S-BIAD1492', 'idr0062', '6001240', 'ade8'];
const STUDIES: Record<string, readonly string[]> = {
  bia: ['S-BIAD1556', 'S-BIAD1553', 'S-BIAD634', 'S-BIAD1492'],
  biostudies: ['S-BIAD1492', 'S-BIAD90001', 'S-BIAD90003', 'S-BIAD2225', 'S-BSSTTEST'],
  idr: ['idr0062', 'idr0002', 'idr0044', 'idr0173', 'idr0004']
};
const CATALOGUE = [
  'File Path,Thumbnail,Name,Organism',
  'https://livingobjects.ebi.ac.uk/idr/zarr/v0.4/idr0062A/6001240.zarr,,Nuclei,Mus musculus',
  'data/cells.ome.zarr,,Cells,',
  's3://bucket/a.ome.zarr,data:image/png;base64,AAAA,"With, comma",Homo sapiens'
].join('\n');

/** What one case did, for the message of a failure. */
interface ICase {
  seed: number;
  source: string;
  question: string;
  done: string[];
}

describe('mutated answers', () => {
  let archives: IArchives;
  const known = new Map<string, Promise<IRelayAnswer>>();

  beforeAll(async () => {
    archives = await startArchives();
  }, 30_000);
  afterAll(() => archives.close());

  /** Answers of the doubles, each asked for once, of which about half are changed. */
  const environment = (random: Random, done: string[]): ICatalogueEnvironment => {
    const relay: Relay = async (service, path, options, signal) => {
      const key = JSON.stringify([service, path, options]);
      const asked = known.get(key) ?? archives.relay(service, path, options, signal);
      known.set(key, asked);
      asked.catch(() => known.delete(key));
      const answer = await asked;
      if (answer.type.startsWith('image/') || random(2) === 0) {
        return answer;
      }
      const changed = mutate(answer.bytes, random);
      done.push(...changed.done.map(name => `${service}/${path}: ${name}`));
      mutated++;
      return { ...answer, bytes: changed.bytes };
    };
    const own = (): Uint8Array => {
      const changed = mutate(new TextEncoder().encode(CATALOGUE), random);
      done.push(...changed.done);
      mutated++;
      return changed.bytes;
    };
    return {
      ...memoryEnvironment([{ id: 'files', label: 'files' }], {}),
      relay,
      services: async () => archives.services,
      rewrites: async () => archives.rewrites,
      read: async () => own(),
      ownCatalogues: ['own.csv']
    };
  };

  let mutated = 0;
  const outcomes = { answered: 0, failed: 0 };

  async function sourceOf(id: string, env: ICatalogueEnvironment): Promise<ICatalogueSource | undefined> {
    const made = await Promise.all(PROVIDERS.filter(one => one.id === id).map(one => one.create(env)));
    return made.flat().at(0);
  }

  /** Asks one question; what comes back is judged, what is thrown must be one of our errors. */
  async function ask(source: ICatalogueSource, random: Random, one: ICase): Promise<string[]> {
    const judge = new Judge();
    const { signal } = new AbortController();
    const pick = <T>(list: readonly T[]): T => list[random(list.length)];
    const text = pick(TEXTS);
    const query: IQuery = {
      text,
      limit: LIMIT,
      ...(random(4) === 0 ? { filters: { organism: ['Homo sapiens'] } } : {})
    };
    const accession = pick(STUDIES[source.id] ?? ['']);
    const questions: Record<string, () => Promise<void>> = {
      search: async () => judge.page(await source.search(query, signal), LIMIT, source),
      study: async () => {
        const study = await source.study?.(accession, signal);
        if (study !== undefined) {
          judge.details(study as unknown as Record<string, unknown>, source);
        }
      },
      images: async () => {
        const page = await source.images?.(accession, { text: '', limit: LIMIT }, signal);
        if (page !== undefined) {
          judge.page(page, LIMIT, source);
        }
      },
      files: async () => {
        const page = await source.files?.(accession, { text: '', limit: LIMIT }, signal);
        if (page !== undefined) {
          judge.page(page, LIMIT, source);
        }
      },
      suggest: async () => {
        for (const suggestion of (await source.suggest?.(text || 'ade', signal)) ?? []) {
          judge.text(suggestion.text, 'suggestion');
        }
      }
    };
    one.question = pick(
      Object.keys(questions).filter(name => name === 'search' || source[name as 'study'] !== undefined)
    );
    try {
      await questions[one.question]();
      outcomes.answered++;
    } catch (error) {
      outcomes.failed++;
      if (!isBioImageError(error)) {
        judge.wrong.push(`thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
    return judge.wrong;
  }

  it(`of every source keep its promises or end in one of our errors (${ANSWERS})`, async () => {
    const ids = ['bia', 'idr', 'biostudies', 'ngff-samples', 'ngff-challenge', 'csv'].filter(id =>
      PROVIDERS.some(one => one.id === id)
    );
    const failures: string[] = [];
    for (let at = 0; mutated < ANSWERS && failures.length < 40; at++) {
      const random = randomOf(SEED + at);
      const one: ICase = { seed: SEED + at, source: ids[at % ids.length], question: '', done: [] };
      const source = await sourceOf(one.source, environment(random, one.done));
      const wrong = source === undefined ? ['no source'] : await ask(source, random, one);
      if (wrong.length > 0) {
        failures.push(JSON.stringify({ ...one, wrong: wrong.slice(0, 3) }, null, 1));
      }
    }
    expect(failures.join('\n')).toBe('');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    // Most changes cost a field and not the answer.
    expect(outcomes.answered).toBeGreaterThan(outcomes.failed);
  }, 600_000);
});
