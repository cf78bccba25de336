import type { CDPSession } from '@playwright/test';

/** What a heap snapshot holds, in bytes. */
export interface IHeap {
  /** Objects, closures, strings, arrays: what code of the page made and somebody still holds. */
  data: number;
  /** Bytecode, machine code, feedback and shapes: what the engine knows of functions, and drops and makes again as it likes. */
  code: number;
  /** Contents of array buffers and of the page's own objects, outside the JavaScript heap. */
  native: number;
  /** Objects and closures by constructor or name: how many there are. */
  counts: Map<string, number>;
}

interface ISnapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
  strings: string[];
}

const CODE = new Set(['code', 'object shape', 'hidden']);

/** Takes a snapshot, which collects garbage first, and adds it up. */
export async function heapOf(session: CDPSession): Promise<IHeap> {
  const parts: string[] = [];
  const listen = ({ chunk }: { chunk: string }) => void parts.push(chunk);
  session.on('HeapProfiler.addHeapSnapshotChunk', listen);
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  session.off('HeapProfiler.addHeapSnapshotChunk', listen);
  const { snapshot, nodes, strings } = JSON.parse(parts.join('')) as ISnapshot;
  const { node_fields: fields, node_types: [types] } = snapshot.meta;
  const [type, name, size] = ['type', 'name', 'self_size'].map(field => fields.indexOf(field));
  const heap: IHeap = { data: 0, code: 0, native: 0, counts: new Map() };
  for (let i = 0; i < nodes.length; i += fields.length) {
    const kind = types[nodes[i + type]];
    heap[kind === 'native' ? 'native' : CODE.has(kind) ? 'code' : 'data'] += nodes[i + size];
    if (kind === 'object' || kind === 'closure') {
      const key = `${kind} ${strings[nodes[i + name]].replace(/ \/ scope @.*/, '')}`;
      heap.counts.set(key, (heap.counts.get(key) ?? 0) + 1);
    }
  }
  return heap;
}
