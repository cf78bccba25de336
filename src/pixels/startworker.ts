/**
 * Starts a decode worker. The one file with `import.meta`, which the bundler needs to find the worker's own chunk and which
 * the unit-test runner cannot load; it is therefore not part of the room's door.
 */
export function startDecodeWorker(): Worker {
  return new Worker(new URL('./worker', import.meta.url), { name: 'bioimage-decode' });
}
