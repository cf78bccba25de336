import { StoreSource } from '../listing';
import type { ISourceProvider } from '../source';

/** The store that holds the sample images. */
export const SAMPLES = 'samples';

/** Sample images come first: they are there for the first steps. No source where the session serves none. */
export const samples: ISourceProvider = {
  id: 'samples',
  async create(environment) {
    const store = (await environment.stores()).find(({ id }) => id === SAMPLES);
    if (store === undefined) {
      return [];
    }
    const options = { id: SAMPLES, rank: 100, landing: 'items' as const };
    return [new StoreSource(SAMPLES, store.label, environment.list.bind(environment), options)];
  }
};
