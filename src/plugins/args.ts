import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import { localised, toBioImageError } from '../core';
import type { ISelection } from '../entities';
import { readSelection } from '../entities';

/** Without a time, in ms, a notification only goes into the list behind the bell, where nobody looks. */
export const NOTICE = { autoClose: 10_000 };

const ADDRESS = 'Address of the image: https, s3, store:<id>/<key>, or a path in the file browser';
const INDEX = { type: 'integer', minimum: 0 };

const uri = { type: 'string', description: `${ADDRESS}; the preview in front if absent` };

/** The selection of a view; indices start at 0, ranges exclude their end. */
const selection = {
  type: 'object',
  description: 'Part of the image; what is absent is left to the image or its open preview',
  properties: {
    level: { ...INDEX, description: 'Level of the pyramid; 0 is full resolution' },
    t: { ...INDEX, description: 'Time' },
    c: { type: 'array', items: INDEX, description: 'Channels in the order wanted' },
    z: { ...INDEX, description: 'Plane' },
    region: {
      type: 'array',
      items: INDEX,
      minItems: 4,
      maxItems: 4,
      description: '[y0, y1, x0, x1] in pixels of level 0'
    },
    inside: {
      type: 'string',
      description: 'Series of a collection or member of a group, by its key relative to the address'
    },
    well: { type: 'string', description: 'Well of a plate, such as A1' },
    field: { ...INDEX, description: 'Field of the well' },
    labels: { type: 'array', items: { type: 'string' }, description: 'Label images by name' },
    plane: {
      type: 'object',
      description:
        'Of an array without named axes: the axes drawn downwards (y) and to the right (x), and the index along all',
      properties: { y: INDEX, x: INDEX, at: { type: 'array', items: INDEX } },
      required: ['y', 'x']
    }
  }
};

const template = { type: 'string', description: 'Id of a template of code; the preferred one if absent' };

/** JSON schema of each command's arguments, by the command's id. */
export const ARGUMENTS = {
  'bioimage:open-browser': {},
  'bioimage:search': {
    query: { type: 'string', description: 'Words, an accession, or the address of an image' },
    sources: { type: 'array', items: { type: 'string' }, description: 'Ids of the sources to ask; all if absent' }
  },
  'bioimage:open-study': {
    source: { type: 'string', description: 'Id of the source that lists the study: bia, idr, biostudies' },
    accession: { type: 'string', description: 'Accession of the study, such as S-BIAD1492 or idr0062' }
  },
  'bioimage:open-preview': {
    uri: { type: 'string', description: ADDRESS },
    source: {
      type: 'string',
      description: 'Id of the source that lists the image; "filebrowser" without an address: what is selected there'
    },
    title: { type: 'string', description: 'What the tab is called; the last part of the address if absent' },
    selection
  },
  'bioimage:insert-snippet': {
    uri,
    template,
    selection,
    target: {
      type: 'string',
      enum: ['notebook', 'console', 'editor'],
      description: 'Where the code goes; the current notebook if absent'
    }
  },
  'bioimage:copy-snippet': { uri, template, selection },
  'bioimage:copy-uri': { uri },
  'bioimage:copy-link': { uri, selection }
} satisfies Record<string, ReadonlyJSONObject>;

/** Id of one of our commands. */
export type CommandId = keyof typeof ARGUMENTS;

/** A non-empty text among a command's arguments, which may be anything; `undefined` where there is none. */
export function textArg(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The texts of a list among a command's arguments; `undefined` where it is no list. */
export function textsArg(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : undefined;
}

/**
 * The selection among a command's arguments. One that is not valid is said to be so and left out: the image is still
 * worth opening.
 */
export function selectionArg(value: unknown, trans: TranslationBundle): ISelection | undefined {
  try {
    return value === undefined || value === null ? undefined : readSelection(value);
  } catch (reason) {
    const message = trans.__(
      'The view that was asked for is ignored. %1',
      localised(trans, toBioImageError(reason).said.message)
    );
    Notification.warning(message, NOTICE);
    return undefined;
  }
}

/** Says that a command has no image to work on, and rejects with the same words. */
export function withoutImage(trans: TranslationBundle): Error {
  const message = trans.__('The address of an image is needed.');
  Notification.error(message, NOTICE);
  return new Error(message);
}
