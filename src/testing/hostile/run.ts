import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { ByteLru, toBioImageError } from '../../core';
import { openArray, openNode, type IArray } from '../../ngff';
import { ChunkReader, InlineDecoder, readRegion, type IChunkData } from '../../pixels';
import { MemoryStore } from '../../stores';
import { CHUNKS, type IHostileCase, type Outcome } from './case';

/** What our reader makes of a case. */
export interface IVerdict {
  readonly result: Outcome | 'WRONG PIXELS';
  /** Chunks beside the damaged one that came out right, of those that are in the store. */
  readonly others: string;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

async function openCase(test: IHostileCase, store: MemoryStore): Promise<IArray> {
  if (!test.image) {
    return openArray(store);
  }
  const node = await openNode(store);
  if (node.kind !== 'image') {
    throw new Error(`opened as ${node.kind}`);
  }
  return node.levels[0].array;
}

/** Reads the case as the product does: metadata, every chunk of the region, and then each chunk by itself. */
export async function ours(test: IHostileCase, objects: Map<string, Uint8Array>): Promise<IVerdict> {
  const store = new MemoryStore(objects);
  let array: IArray;
  try {
    array = await openCase(test, store);
  } catch (error) {
    return { result: toBioImageError(error).code, others: '' };
  }
  const reader = new ChunkReader(store, array, new InlineDecoder(), new ByteLru<IChunkData>(1 << 24));
  const slices = test.region ?? array.shape.map(size => [0, size] as const);
  const result = await readRegion(reader, slices).then(
    ({ data }) => (same(data, test.oracle) ? ('pixels' as const) : ('WRONG PIXELS' as const)),
    (error: unknown) => toBioImageError(error).code
  );
  return {
    result,
    others:
      result === 'BAD_CHUNK'
        ? await rightChunks(new ChunkReader(store, array, new InlineDecoder(), new ByteLru<IChunkData>(1 << 24)))
        : ''
  };
}

/** After a failure: the chunks that are not damaged must still be exact. */
async function rightChunks(reader: ChunkReader): Promise<string> {
  const others = [...CHUNKS].filter(([key]) => key !== '0.0');
  const right = await Promise.all(
    others.map(([key, bytes]) =>
      reader.chunk(key.split('.').map(Number)).then(
        ({ words }) => same(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), bytes),
        () => false
      )
    )
  );
  return `${right.filter(Boolean).length}/${others.length}`;
}

interface IStockAnswer {
  readonly bytes?: Uint8Array | null;
  readonly values?: string;
  readonly error?: string;
  /** Addresses outside of the image that were asked for. */
  readonly left: readonly string[];
}

const PATIENCE = 5000; // ms

/** The stock reader in its thread, which is replaced when it does not answer. */
export class Stock {
  private _worker: Worker | null = null;
  private _next = 0;
  /** The one job under way. */
  private _waiting: { id: number; resolve: (answer: IStockAnswer | null) => void } | null = null;

  /** One line for the table. */
  async read(test: IHostileCase, objects: Map<string, Uint8Array>): Promise<string> {
    if (test.noStock) {
      return `not run: ${test.noStock}`;
    }
    const answer = await this._ask({ objects: [...objects], image: test.image, region: test.region });
    if (answer === null) {
      return 'no answer in 5 s';
    }
    if (answer.left.length > 0) {
      return `ASKED FOR ${answer.left[0]}`;
    }
    if (answer.error !== undefined) {
      return answer.error.slice(0, 90);
    }
    if (!answer.bytes) {
      return `values ${answer.values}`;
    }
    return same(answer.bytes, test.oracle) ? 'oracle pixels' : `WRONG PIXELS ${answer.values?.slice(0, 20)}…`;
  }

  async close(): Promise<void> {
    const worker = this._worker;
    this._worker = null;
    await worker?.terminate();
  }

  private _ask(job: object): Promise<IStockAnswer | null> {
    const worker = (this._worker ??= this._start());
    const id = this._next++;
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        void this.close();
        resolve(null);
      }, PATIENCE);
      this._waiting = {
        id,
        resolve: answer => {
          clearTimeout(timer);
          resolve(answer);
        }
      };
      worker.postMessage({ ...job, id });
    });
  }

  private _start(): Worker {
    const worker = new Worker(path.resolve('src/testing/hostile/stock.mjs'));
    worker.on('message', (answer: IStockAnswer & { id: number }) => {
      if (answer.id === this._waiting?.id) {
        this._waiting.resolve(answer);
      }
    });
    // The thread itself died, for example out of memory.
    worker.on('error', error => {
      this._worker = null;
      this._waiting?.resolve({ error: `thread died: ${error.message}`, left: [] });
    });
    return worker;
  }
}
