export type { IFavourite } from './favourites';
export type { IItemCommand, IPanelHost, IStudyName } from './host';
export type { IPanelMemory, IPanelState } from './memory';
export { BrowserModel } from './model';
export type { IBrowserModelOptions } from './options';
export { BrowserPanel } from './panel';
export type { IAddress } from './recognise';
export { addressTitle, recognise } from './recognise';
