import { maxAgeOf } from '../../age';
import type { ISourceProvider } from '../../source';
import { BioStudiesSource, SERVICE } from './source';

/** BioStudies, where the session's relay knows it. */
export const biostudies: ISourceProvider = {
  id: 'biostudies',
  async create(environment) {
    const services = await environment.services();
    return services.includes(SERVICE) ? [new BioStudiesSource(environment.relay, maxAgeOf(environment))] : [];
  }
};
