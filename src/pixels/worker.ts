import type { Request } from './protocol';
import { serveDecodes } from './serve';

// The entry of a decode worker; `self` is typed as a window by the DOM library, whose `postMessage` takes other arguments.
const scope = self as unknown as Pick<Worker, 'postMessage' | 'onmessage'>;
const serve = serveDecodes((reply, transfer) => scope.postMessage(reply, transfer));
scope.onmessage = (event: MessageEvent<Request>) => {
  void serve(event.data);
};
