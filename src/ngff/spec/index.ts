/** The specification as a judge. A second door beside the room's own: it brings the schemas along, so pages load it late. */
export { complain } from './complaints';
export { judge } from './judge';
export { inStore } from './lookup';
export type { IFinding, IJudgement, IMetadata } from './metadata';
export { findings } from './prose';
