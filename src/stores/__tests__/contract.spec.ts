import { MemoryTransport, startObjectServer, storeContract } from '../../testing';
import { DirectStore, MemoryStore, SessionStore, withCache, withCoalescing, withRetry, withTrace } from '..';

const observer = { started: () => undefined, ended: () => undefined };

storeContract('MemoryStore', objects => ({ store: new MemoryStore(new Map(objects)) }));

storeContract('DirectStore', async objects => {
  const server = await startObjectServer(objects);
  return { store: new DirectStore(server.url), close: () => server.close() };
});

storeContract('SessionStore', objects => ({ store: new SessionStore(new MemoryTransport(objects), 's', '') }));

storeContract('SessionStore below a prefix', objects => {
  const below = new Map([...objects].map(([key, bytes]) => [`deep/er/${key}`, bytes]));
  return { store: new SessionStore(new MemoryTransport(below), 's', 'deep/er') };
});

storeContract('withCache', objects => ({ store: withCache(new MemoryStore(new Map(objects)), 1 << 20) }));

storeContract('withCache without room', objects => ({ store: withCache(new MemoryStore(new Map(objects)), 0) }));

storeContract('withCoalescing', objects => ({ store: withCoalescing(new MemoryStore(new Map(objects))) }));

storeContract('withRetry', objects => ({ store: withRetry(new MemoryStore(new Map(objects))) }));

storeContract('withTrace', objects => ({ store: withTrace(new MemoryStore(new Map(objects)), observer) }));
