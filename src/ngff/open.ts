import { BioImageError, isBioImageError, parseJson, throwIfAborted } from '../core';
import type { IDocuments, IReadableStore } from '../stores';
import { readArray } from './array';
import type { IArray } from './array';
import type { IAttributes } from './image';
import { documentKey } from './levels';
import type { INode } from './model';
import { buildNode, rootAttributes } from './node';
import { speculate } from './speculate';

/**
 * Round 1: both formats' group documents, and level 0 under the names that most writers use. Six, because browsers open
 * six connections to a host (HTTP/1.1) and a seventh request would push another one into the next round.
 */
const ROOTS = ['zarr.json', '.zattrs'] as const;
const LIKELY = ['0/zarr.json', '0/.zarray', 's0/zarr.json', 's0/.zarray'] as const;

/** Answers of one round come within milliseconds of each other; a later one is in the next round. In ms. */
const SAME_ROUND = 15;

/** Every round answers something: roots, levels, the list of a collection, its images in groups. */
const MAX_ROUNDS = 40;

type Outcome = { bytes: Uint8Array | null } | { error: unknown };

/**
 * Reads that are started once and asked for later. None of them can become an unhandled rejection, and none is cancelled
 * before the caller leaves: a probe that is no longer wanted is about to be answered, and cancelling it would close its
 * connection, which the next round would have to open again.
 */
class Reads {
  private readonly _outcomes = new Map<string, Promise<Outcome>>();

  constructor(
    private readonly _store: IReadableStore,
    private readonly _signal: AbortSignal | undefined
  ) {}

  has(key: string): boolean {
    return this._outcomes.has(key);
  }

  outcome(key: string): Promise<Outcome> {
    const running = this._outcomes.get(key);
    if (running) {
      return running;
    }
    const outcome = this._store.get(key, { signal: this._signal }).then(
      (bytes): Outcome => ({ bytes: bytes ?? null }),
      (error: unknown): Outcome => ({ error })
    );
    this._outcomes.set(key, outcome);
    return outcome;
  }
}

/**
 * The group documents of both formats. A failed read counts as absent where the other format is there: a store without
 * CORS headers on its 404 answers looks like a failing one.
 */
async function readRoots(reads: Reads, documents: IDocuments): Promise<void> {
  const outcomes = await Promise.all(ROOTS.map(key => reads.outcome(key)));
  const found = outcomes.some(outcome => 'bytes' in outcome && outcome.bytes !== null);
  outcomes.forEach((outcome, i) => {
    if ('error' in outcome && !found) {
      throw outcome.error;
    }
    documents.set(ROOTS[i], 'bytes' in outcome ? outcome.bytes : null);
  });
}

async function readAll(reads: Reads, keys: readonly string[], documents: IDocuments): Promise<void> {
  const outcomes = await Promise.all(keys.map(key => reads.outcome(key)));
  outcomes.forEach((outcome, i) => {
    if ('error' in outcome) {
      throw outcome.error;
    }
    documents.set(keys[i], outcome.bytes);
  });
}

function delay(milliseconds: number): Promise<undefined> {
  return new Promise(resolve => setTimeout(() => resolve(undefined), milliseconds));
}

/** The document as JSON; what is wrong with it is reported where it is needed, not where it is guessed from. */
function parsed(outcome: Outcome | undefined, key: string): unknown {
  if (!outcome || 'error' in outcome || !outcome.bytes) {
    return undefined;
  }
  try {
    return parseJson(outcome.bytes, key);
  } catch (error) {
    if (isBioImageError(error)) {
      return undefined;
    }
    throw error;
  }
}

/** The requests of round 2 that go first: what the coarsest level needs, so that a queue keeps back what it does not. */
interface IAhead {
  readonly store: IReadableStore;
  readonly reads: Reads;
  readonly attributes: IAttributes;
  readonly documents: IDocuments;
  /** Key of level 0's document, where it has been asked for in round 1. */
  readonly probed: string | undefined;
  /** What is asked for, by key; settles without ever rejecting. */
  readonly asked: Map<string, Promise<unknown>>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Asks for the coarsest level's chunks before its document is there. Guesses at once where level 0 has not been asked
 * for in round 1, and a second time where its answer is late: the promise returned inside the object is that. The
 * answers stay in the caching store for whoever reads next; what fails there fails again for them.
 */
async function readAhead(ahead: IAhead): Promise<{ late?: Promise<void> }> {
  const { store, reads, attributes, documents, probed, asked, signal } = ahead;
  const ask = (first: unknown): void => {
    for (const key of speculate(attributes, documents, first).filter(guess => !asked.has(guess))) {
      asked.set(key, Promise.allSettled([store.get(key, { signal })]));
    }
  };
  if (probed === undefined) {
    ask(undefined);
    return {};
  }
  const outcome = reads.outcome(probed);
  const soon = await Promise.race([outcome, delay(SAME_ROUND)]);
  ask(parsed(soon, probed));
  return soon ? {} : { late: outcome.then(level => ask(parsed(level, probed))) };
}

/**
 * A shard that is asked for whole answers every read of a part of it, once it is there; a part that is asked for before
 * would go on its own, and take two more rounds (size, index). So a sharded coarsest level is waited for.
 */
async function wholeShards(node: INode, asked: ReadonlyMap<string, Promise<unknown>>): Promise<void> {
  const coarsest = node.kind === 'image' ? node.levels[node.levels.length - 1].array : undefined;
  if (coarsest?.shard) {
    const shards = [...asked].filter(([key]) => key.startsWith(`${coarsest.path}/`));
    await Promise.all(shards.map(([, read]) => read));
  }
}

/** Key of level 0's document, where it has been asked for in round 1. */
function probedLevel({ values, zarrFormat }: IAttributes, reads: Reads): string | undefined {
  const first: unknown = Array.isArray(values.multiscales) ? values.multiscales[0] : undefined;
  const datasets: unknown =
    typeof first === 'object' && first !== null && 'datasets' in first ? first.datasets : undefined;
  const level: unknown = Array.isArray(datasets) ? datasets[0] : undefined;
  const path = typeof level === 'object' && level !== null && 'path' in level ? level.path : undefined;
  const key = typeof path === 'string' ? documentKey(path, zarrFormat) : '';
  return reads.has(key) ? key : undefined;
}

/**
 * Opens what lies at the root of `store`: image, plate, well or collection. Two rounds for an image: both formats and the
 * usual names of level 0 at once, then all levels' documents together with the coarsest level's chunks, which are left to
 * a caching store (`speculate: false` where there is none). Throws as {@link buildNode}, what the store throws, and the
 * signal's reason.
 */
export async function openNode(
  store: IReadableStore,
  signal?: AbortSignal,
  options: { speculate?: boolean } = {}
): Promise<INode> {
  const ahead = options.speculate ?? true;
  throwIfAborted(signal);
  const reads = new Reads(store, signal);
  const documents: IDocuments = new Map();
  const asked = new Map<string, Promise<unknown>>();
  for (const key of ahead ? [...ROOTS, ...LIKELY] : ROOTS) {
    void reads.outcome(key);
  }
  await readRoots(reads, documents);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    throwIfAborted(signal);
    const built = buildNode(documents);
    if ('node' in built) {
      await wholeShards(built.node, asked);
      throwIfAborted(signal);
      return built.node;
    }
    const attributes = ahead && round === 0 ? rootAttributes(documents) : undefined;
    let late: Promise<void> | undefined;
    if (attributes?.values.multiscales !== undefined) {
      const probed = probedLevel(attributes, reads);
      void reads.outcome(built.missing[built.missing.length - 1]);
      ({ late } = await readAhead({ store, reads, attributes, documents, probed, asked, signal }));
    }
    await Promise.all([readAll(reads, built.missing, documents), late]);
  }
  throw new BioImageError('BAD_METADATA', "This image's description is not valid: it never ends.");
}

/**
 * Opens the array at `path` ('' = the root): both formats at once, v3 first. Throws NOT_FOUND where there is none, and
 * as {@link readArray}.
 */
export async function openArray(store: IReadableStore, path = '', signal?: AbortSignal): Promise<IArray> {
  const reads = new Reads(store, signal);
  const keys = [documentKey(path, 3), documentKey(path, 2)];
  const outcomes = await Promise.all(keys.map(key => reads.outcome(key)));
  throwIfAborted(signal);
  for (const [i, outcome] of outcomes.entries()) {
    if ('bytes' in outcome && outcome.bytes) {
      return readArray(path, parseJson(outcome.bytes, keys[i]));
    }
  }
  for (const outcome of outcomes) {
    if ('error' in outcome) {
      throw outcome.error;
    }
  }
  throw new BioImageError('NOT_FOUND', 'There is nothing at this address: no Zarr array.');
}
