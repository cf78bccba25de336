import { StoreSource } from '../listing';
import type { ISourceProvider } from '../source';
import { SAMPLES } from './samples';

/** Every other store of the session that can be listed (a web server cannot), in the order the operator lists them. */
export const stores: ISourceProvider = {
  id: 'stores',
  async create(environment) {
    const listed = await environment.stores();
    return listed
      .filter(({ id, kind }) => id !== SAMPLES && kind !== 'https')
      .map(({ id, label }, place) => {
        return new StoreSource(id, label, environment.list.bind(environment), { rank: 200 + place });
      });
  }
};
