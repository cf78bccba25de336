import { Said } from '../../core';
import { FACETS } from '../../entities';
import type { IPage } from '../../entities';
import type { ICatalogueSource } from '..';

/** Longest text that a reader of fields lets through, in characters. */
const MAX_TEXT = 20_000;
const KINDS: readonly unknown[] = ['image', 'plate', 'collection', 'folder', undefined];

/** Collects what is not as the entities promise, as `path: value`. */
export class Judge {
  readonly wrong: string[] = [];

  /** One page of a search. */
  page(page: IPage<unknown>, limit: number, source: ICatalogueSource): void {
    this.ok(Array.isArray(page.items) && page.items.length <= limit, 'items', page.items.length);
    this.optional(page.cursor, 'cursor', value => typeof value === 'string' && value !== '');
    this.optional(page.total, 'total', isCount);
    this.optional(page.exact, 'exact', value => typeof value === 'boolean');
    this.optional(page.from, 'from', value => typeof value === 'object');
    for (const facet of page.facets ?? []) {
      this.ok(FACETS.includes(facet.id) && typeof facet.exact === 'boolean', 'facets', facet.id);
      for (const { value, label, count } of facet.values) {
        this.text(value, `facets.${facet.id}`);
        this.text(label, `facets.${facet.id}.label`);
        this.ok(isCount(count), `facets.${facet.id}.count`, count);
      }
    }
    const ids = page.items.map(item => keyOf(item));
    this.ok(new Set(ids).size === ids.length, 'items', 'ids are not unique');
    for (const item of page.items) {
      this.item(item as Record<string, unknown>, source);
    }
  }

  /** An image, a study or a file of a page. */
  item(item: Record<string, unknown>, source: ICatalogueSource): void {
    if (!('path' in item)) {
      this.ok(item.source === source.id, 'source', item.source);
    }
    if ('path' in item) {
      this.file(item, source);
    } else if ('accession' in item) {
      this.study(item);
    } else {
      this.image(item);
    }
  }

  /** The page of a study. */
  details(study: Record<string, unknown>, source: ICatalogueSource): void {
    this.item(study, source);
    this.list(study.people, 'people', one => {
      const { name, orcid } = one as Record<string, unknown>;
      this.text(name, 'people.name');
      this.optional(orcid, 'people.orcid', value => /^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/.test(String(value)));
    });
    this.list(study.keywords, 'keywords', one => this.text(one, 'keywords'));
    this.list(study.notices, 'notices', one => this.said(one, 'notices'));
    this.list(study.publications, 'publications', one =>
      this.texts(one, ['title', 'doi', 'pubmed', 'year'], 'publications')
    );
    this.list(study.attributes, 'attributes', one => {
      const { name, value, url } = one as Record<string, unknown>;
      this.text(name, 'attributes.name');
      this.text(value, 'attributes.value');
      this.https(url, 'attributes.url');
    });
    this.list(study.datasets, 'datasets', one => {
      const dataset = one as Record<string, unknown>;
      this.text(dataset.id, 'datasets.id');
      this.text(dataset.title, 'datasets.title');
      this.counts(dataset, ['images', 'viewable', 'files', 'bytes'], 'datasets');
    });
    const ids = ((study.datasets ?? []) as { id: string }[]).map(({ id }) => id);
    this.ok(new Set(ids).size === ids.length, 'datasets', 'ids are not unique');
    this.optional(study.doi, 'doi', value => typeof value === 'string' && value.startsWith('10.'));
    this.counts(study, ['files', 'bytes'], 'study');
    this.optional(study.abstract, 'abstract', value => typeof value === 'string');
  }

  private study(study: Record<string, unknown>): void {
    this.text(study.accession, 'accession');
    this.text(study.title, 'title');
    this.texts(study, ['description'], 'study');
    this.counts(study, ['images', 'viewable'], 'study');
    this.optional(study.released, 'released', value => /^\d{4}(-\d\d-\d\d)?$/.test(String(value)));
    if (study.authors !== undefined) {
      this.list(study.authors, 'authors', one => this.text(one, 'authors'));
    }
    if (study.licence !== undefined) {
      const { text, url } = study.licence as Record<string, unknown>;
      this.text(text, 'licence.text');
      this.https(url, 'licence.url');
    }
    this.optional(study.thumbnail, 'thumbnail', value => isPicture(value) || isAddress(value));
    this.https(study.page, 'page');
    this.facets(study.facets);
  }

  private image(image: Record<string, unknown>): void {
    this.text(image.id, 'id');
    this.text(image.title, 'title');
    this.ok(typeof image.viewable === 'boolean', 'viewable', image.viewable);
    this.ok(image.uri === '' || isAddress(image.uri), 'uri', image.uri);
    this.ok(image.viewable !== true || image.uri !== '', 'uri', 'viewable without an address');
    const isSaid = image.viewable === true || image.kind === 'folder' || image.reason !== undefined;
    this.ok(isSaid, 'reason', 'not viewable without a reason');
    this.ok(KINDS.includes(image.kind), 'kind', image.kind);
    this.texts(image, ['description', 'version', 'licence', 'formerUri', 'format', 'dataset'], 'image');
    if (image.reason !== undefined) {
      this.said(image.reason, 'reason');
    }
    this.optional(image.convertible, 'convertible', value => typeof value === 'boolean');
    this.optional(image.thumbnail, 'thumbnail', isPicture);
    this.counts(image, ['bytes'], 'image');
    this.counts((image.size ?? {}) as Record<string, unknown>, ['x', 'y', 'z', 'c', 't'], 'size');
    if (image.study !== undefined) {
      this.text((image.study as Record<string, unknown>).accession, 'study.accession');
      this.texts(image.study, ['title'], 'study');
    }
    this.https(image.page, 'page');
    this.facets(image.facets);
  }

  private file(file: Record<string, unknown>, source: ICatalogueSource): void {
    this.text(file.path, 'path');
    this.ok(file.kind === 'file' || file.kind === 'folder', 'kind', file.kind);
    this.counts(file, ['bytes'], 'file');
    this.https(file.uri, 'uri');
    if (file.image !== undefined) {
      this.item(file.image as Record<string, unknown>, source);
    }
  }

  /** Whether something is a text with something in it, of a bounded length. */
  text(value: unknown, where: string): void {
    this.ok(typeof value === 'string' && value !== '' && value.length <= MAX_TEXT, where, value);
  }

  /** Whether something is a text for people that can be translated. */
  private said(value: unknown, where: string): void {
    this.ok(value instanceof Said, where, value);
    this.text(String(value), where);
  }

  private texts(object: unknown, names: readonly string[], where: string): void {
    for (const name of names) {
      const value = (object as Record<string, unknown>)[name];
      this.optional(value, `${where}.${name}`, text => typeof text === 'string' && text.length <= MAX_TEXT);
    }
  }

  private counts(object: Record<string, unknown>, names: readonly string[], where: string): void {
    for (const name of names) {
      this.optional(object[name], `${where}.${name}`, isCount);
    }
  }

  private https(value: unknown, where: string): void {
    this.optional(value, where, text => typeof text === 'string' && isHttps(text));
  }

  private facets(value: unknown): void {
    for (const [name, values] of Object.entries((value ?? {}) as Record<string, unknown>)) {
      this.ok((FACETS as readonly string[]).includes(name), 'facets', name);
      this.list(values, `facets.${name}`, one => this.text(one, `facets.${name}`));
    }
  }

  private list(value: unknown, where: string, each: (one: unknown) => void): void {
    this.ok(Array.isArray(value), where, value);
    if (Array.isArray(value)) {
      value.forEach(each);
    }
  }

  private optional(value: unknown, where: string, isRight: (value: unknown) => boolean): void {
    this.ok(value === undefined || isRight(value), where, value);
  }

  private ok(isRight: boolean, where: string, value: unknown): void {
    if (!isRight) {
      this.wrong.push(`${where}: ${String(JSON.stringify(value)).slice(0, 200)}`);
    }
  }
}

/** What an item is known by; files are not, for a list may name one twice. */
function keyOf(item: unknown): unknown {
  const { accession, id } = item as Record<string, unknown>;
  return accession ?? id ?? item;
}

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function isHttps(text: string): boolean {
  if (!URL.canParse(text)) {
    return false;
  }
  const { protocol, username, password } = new URL(text);
  return protocol === 'https:' && username === '' && password === '';
}

/** An address that may be opened: https, s3, a key of a store, or a path of the file browser, which names no scheme. */
function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') {
    return false;
  }
  const isPath = !/^[a-z][a-z0-9+.-]*:/i.test(value) && !value.startsWith('/');
  return isPath || /^(s3|store):/.test(value) || isHttps(value);
}

const isPicture = (value: unknown): boolean =>
  typeof value === 'string' && /^data:image\/(png|jpeg|gif|webp);base64,/.test(value);
