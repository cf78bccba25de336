import type { ISourceProvider } from '../../source';
import { IDR } from './omero';
import { IdrSource } from './source';

/** IDR, where the relay knows its service. */
export const idr: ISourceProvider = {
  id: 'idr',
  async create(environment) {
    const services = await environment.services();
    return services.includes(IDR) ? [new IdrSource(environment, services)] : [];
  }
};
