import { BioImageError, isBioImageError, parseJson, say, throwIfAborted } from '../core';
import type { IDocuments, IReadableStore } from '../stores';
import type { IArray } from './array';
import { parseArray } from './exact';
import type { IAttributes } from './image';
import { documentKey } from './levels';
import type { INode } from './model';
import { rootAttributes } from './node';
import { outerLevels, probes, ROOTS } from './probes';
import type { ILayout } from './probes';
import { nodeInRounds } from './rounds';
import { speculate } from './speculate';

/** Answers of one round come within milliseconds of each other; a later one is in the next round. In ms. */
const SAME_ROUND = 15;

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
function parsed(outcome: Outcome | undefined, key = ''): unknown {
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
  /** Keys of the documents still needed; the coarsest level's is the last. */
  readonly missing: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Asks for the coarsest level's chunks before its document is there. Guesses from the levels' documents that have been
 * asked for in round 1, and a second time where these are late: the promise returned inside the object is that. The
 * answers stay in the caching store for whoever reads next; what fails there fails again for them.
 */
async function readAhead(ahead: IAhead): Promise<{ late?: Promise<void> }> {
  const { store, reads, attributes, documents, missing, signal } = ahead;
  const outer = outerLevels(attributes);
  const known = async (key: string | undefined): Promise<unknown> =>
    parsed(key ? await reads.outcome(key) : undefined, key);
  const asked = new Set<string>();
  const probed = [outer.first, outer.coarsest].map(key => (key !== undefined && reads.has(key) ? key : undefined));
  const ask = ([first, coarsest]: readonly unknown[]): void => {
    const { keys, vague } = speculate(attributes, documents, { first, coarsest });
    if (vague && probed[0] !== undefined) {
      return; // level 0 is about to tell the plane
    }
    if (vague) {
      missing.forEach(key => void reads.outcome(key));
    }
    for (const key of keys.filter(guess => !asked.has(guess))) {
      asked.add(key);
      void Promise.allSettled([store.get(key, { signal })]);
    }
  };
  const levels = Promise.all(probed.map(known));
  void reads.outcome(missing[missing.length - 1]);
  const soon = await Promise.race([levels, delay(SAME_ROUND)]);
  ask(soon ?? []);
  return soon ? {} : { late: levels.then(ask) };
}

/** Options of {@link openNode}. */
interface IOpenOptions {
  /** Read chunks ahead; only where `store` keeps what it has read. */
  readonly speculate?: boolean;
  /** How another image of the same store lies; probed first. */
  readonly expected?: ILayout;
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
  options: IOpenOptions = {}
): Promise<INode> {
  const ahead = options.speculate ?? true;
  throwIfAborted(signal);
  const reads = new Reads(store, signal);
  const documents: IDocuments = new Map();
  for (const key of ahead ? probes(options.expected) : ROOTS) {
    void reads.outcome(key);
  }
  await readRoots(reads, documents);
  const read = async (missing: readonly string[], round: number): Promise<void> => {
    const attributes = ahead && round === 0 ? rootAttributes(documents) : undefined;
    let late: Promise<void> | undefined;
    if (attributes && attributes.rules.multiscales(attributes.values) !== undefined) {
      ({ late } = await readAhead({ store, reads, attributes, documents, missing, signal }));
    }
    await Promise.all([readAll(reads, missing, documents), late]);
  };
  return nodeInRounds(documents, read, signal);
}

/**
 * Opens the array at `path` ('' = the root): both formats at once, v3 first. Throws NOT_FOUND where there is none, and
 * as {@link parseArray}.
 */
export async function openArray(store: IReadableStore, path = '', signal?: AbortSignal): Promise<IArray> {
  const reads = new Reads(store, signal);
  const keys = [documentKey(path, 3), documentKey(path, 2)];
  const outcomes = await Promise.all(keys.map(key => reads.outcome(key)));
  throwIfAborted(signal);
  for (const [i, outcome] of outcomes.entries()) {
    if ('bytes' in outcome && outcome.bytes) {
      return parseArray(path, outcome.bytes, keys[i]);
    }
  }
  for (const outcome of outcomes) {
    if ('error' in outcome) {
      throw outcome.error;
    }
  }
  throw new BioImageError('NOT_FOUND', say`There is nothing at this address: no Zarr array.`);
}
