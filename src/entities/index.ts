export type { IRelayAnswer, IRewrite, RelayQuery } from './relay';
export { readSelection } from './selection';
export type { IArrayPlane, ISelection } from './selection';
export type {
  IBatchItem,
  IDecodePart,
  IDecodeParts,
  IPlanePicture,
  IPlateFrame,
  IPlateHead,
  IPlateView,
  ISessionTransport,
  IStoreEntry,
  IStoreInfo,
  IView
} from './store';
export { FACETS } from './study';
export type {
  FacetId,
  FacetValues,
  IAuthor,
  IDataset,
  IFacet,
  IFileEntry,
  IImageRecord,
  ILicence,
  IPage,
  IPublication,
  IQuery,
  IStudy,
  IStudyDetails,
  ISuggestion
} from './study';
