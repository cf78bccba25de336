import type { BioImageError, Said } from '../core';
import type { IFavourite } from './favourites';

/** Something the status line says besides what the sources do. */
export type INotice =
  | { readonly kind: 'asking'; readonly source: string; readonly name: string }
  | { readonly kind: 'no-source'; readonly source: string; readonly name: string }
  | { readonly kind: 'not-viewable'; readonly title: string; readonly reason?: Said }
  | { readonly kind: 'failed'; readonly error: BioImageError }
  | { readonly kind: 'added' | 'removed'; readonly favourite: IFavourite };
