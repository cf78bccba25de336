import { parentPort } from 'node:worker_threads';
import type { Request } from '../protocol';
import { serveDecodes } from '../serve';

// The worker's side in a thread of Node, bundled by `threads.spec.ts`; answers come in later turns, as in a browser.
const serve = serveDecodes((reply, transfer) => parentPort?.postMessage(reply, transfer));
parentPort?.on('message', (request: Request) => {
  void serve(request);
});
