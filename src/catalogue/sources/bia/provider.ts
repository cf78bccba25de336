import { maxAgeOf } from '../../age';
import type { ISourceProvider } from '../../source';
import { BiaApi, SERVICE as API } from './api';
import { BiaSearch, SERVICE as SEARCH } from './search';
import { BiaSource } from './source';

/** The BioImage Archive, where the session's relay knows its API or its search. */
export const bia: ISourceProvider = {
  id: 'bia',
  async create(environment) {
    const services = await environment.services();
    const api = services.includes(API) ? new BiaApi(environment.relay) : undefined;
    const index = services.includes(SEARCH) ? new BiaSearch(environment.relay) : undefined;
    return api === undefined && index === undefined
      ? []
      : [new BiaSource(api, index, environment.rewrites.bind(environment), maxAgeOf(environment))];
  }
};
