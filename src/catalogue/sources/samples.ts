import { IndexedSource } from '../indexed';
import { StoreSource } from '../listing';
import type { ISourceProvider } from '../source';

/** The store that holds the sample images. */
export const SAMPLES = 'samples';
/** Key of their titles and descriptions in it. */
const INDEX = 'samples.json';

/** Sample images come first: they are there for the first steps. No source where the session serves none. */
export const samples: ISourceProvider = {
  id: 'samples',
  async create(environment) {
    const store = (await environment.stores()).find(({ id }) => id === SAMPLES);
    if (store === undefined) {
      return [];
    }
    const options = { id: SAMPLES, rank: 100, landing: 'items' as const };
    const listing = new StoreSource(SAMPLES, store.label, environment.list.bind(environment), options);
    return [new IndexedSource(listing, SAMPLES, INDEX, environment.read.bind(environment))];
  }
};
