import type { JupyterFrontEnd } from '@jupyterlab/application';

import { catalogueEnvironment } from '../catalogueenvironment';
import { session } from '../session';
import type { IBioImageSession } from '../tokens';

describe('what the sources are handed', () => {
  it('has the person’s age of remembered answers at each moment', () => {
    const app = { serviceManager: { serverSettings: {} } } as unknown as JupyterFrontEnd;
    const made = session.activate(app) as IBioImageSession;
    const { maxAge } = catalogueEnvironment(made, () => []);
    expect(maxAge?.()).toBe(Infinity);
    made.setManners({ cacheHours: 0 });
    expect(maxAge?.()).toBe(0);
    made.setManners({ cacheHours: 2 });
    expect(maxAge?.()).toBe(7_200_000);
  });
});
