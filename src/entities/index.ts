export { readSelection } from './selection';
export type { ISelection } from './selection';
export type { IBatchItem, ISessionTransport, IStoreEntry, IStoreInfo, IView } from './store';
export type { IImageRecord, IPage, IQuery, IStudy } from './study';
