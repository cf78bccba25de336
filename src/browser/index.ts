export type { IItemCommand, IPanelHost } from './host';
export { BrowserModel } from './model';
export type { IBrowserModelOptions } from './model';
export { BrowserPanel } from './panel';
export type { IAddress } from './recognise';
export { addressTitle, recognise } from './recognise';
