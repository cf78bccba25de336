import { isBioImageError, throwIfAborted } from '../../../core';
import type { IDataset, IImageRecord, IPage, IQuery } from '../../../entities';
import { maxAgeOf } from '../../age';
import { textOf } from '../../fields';
import { matchesText } from '../../listing';
import { Remembered } from '../../remembered';
import type { ICatalogueEnvironment, IRelayAnswer, IRewrite } from '../../source';
import { containerKey, shortName } from './containers';
import type { IContainer } from './containers';
import type { IStudyList } from './list';
import { fromOfAll } from './list';
import { omeroList, omeroNamed, omeroPage } from './omero';
import { withoutUndefined } from './omit';
import { imageNumber, recordOf, recordOfKnown, saidByOmero, withPictures } from './records';
import type { IIdrStudy } from './studies';
import { thumbnails } from './thumbnails';
import { uniqueById } from './unique';

/** Images of a page where nobody says how many: two batches of thumbnails. */
const PAGE = 48;
const MAX_PAGE = 200;
/** Requests for one page: a search by title reads on, for the service cannot, but not to the end of a large study. */
const MAX_ASKED = 8;
/** Images read at once where most of them may be left out. */
const CHUNK = 500;
/** Projects whose lists of datasets are remembered. */
const MAX_PROJECTS = 16;

/** A dataset of a project. */
interface IOmeroDataset {
  readonly id: number;
  readonly name: string;
  readonly description?: string;
  readonly images?: number;
}

/** Where reading goes on: in the list of known images (`container` is -1), or in a dataset or screen. */
interface IPosition {
  readonly container: number;
  readonly dataset: number;
  readonly offset: number;
}

/** What one request brought. */
interface IStep {
  readonly items: readonly IImageRecord[];
  /** Absent at the end. */
  readonly next?: IPosition;
  readonly answers: readonly IRelayAnswer[];
}

/** Before the first of the known images. */
const START: IPosition = { container: -1, dataset: 0, offset: 0 };

/** `container.dataset.offset`; anything else is the beginning. */
function positionOf(cursor: string | undefined): IPosition {
  const [, container, dataset, offset] = /^(-1|\d{1,6})\.(\d{1,6})\.(\d{1,9})$/.exec(cursor ?? '') ?? [];
  return container === undefined
    ? START
    : { container: Number(container), dataset: Number(dataset), offset: Number(offset) };
}

/** What of a study is listed: its containers, the known images before them, and of a project perhaps one dataset. */
interface IScope {
  readonly study: IIdrStudy;
  readonly list: IStudyList;
  readonly containers: readonly IContainer[];
  readonly onlyDataset?: number;
  /** Listed first, and left out of what follows. */
  readonly known: readonly IImageRecord[];
  readonly text: string;
  readonly rewrites: readonly IRewrite[];
}

/** The images of studies, page by page: of projects by dataset, of screens their plates. */
export class StudyImages {
  constructor(private readonly environment: ICatalogueEnvironment) {
    this.projects = new Remembered(MAX_PROJECTS, maxAgeOf(environment));
  }

  /** The datasets of a project, remembered. */
  datasets(project: number, signal: AbortSignal): Promise<readonly IOmeroDataset[]> {
    return this.projects.get(
      String(project),
      async inner => {
        const path = `projects/${project}/datasets`;
        const { items } = await omeroList(this.environment.relay, path, { childCount: true }, inner);
        const datasets = items.map(omeroNamed).filter(named => named !== undefined);
        return uniqueById(datasets.filter(({ children }) => children !== 0)).map(
          ({ id, name, description, children }) =>
            withoutUndefined({ id, name: name ?? `dataset ${id}`, description, images: children })
        );
      },
      signal
    );
  }

  /** The parts of a project as they are shown. */
  async parts(project: IContainer, signal: AbortSignal): Promise<IDataset[]> {
    const datasets = await this.datasets(project.id, signal);
    return datasets.map(({ id, name, description, images }) =>
      withoutUndefined({
        id: `dataset:${id}`,
        title: textOf(`${shortName(project.name)}: ${name}`) ?? name,
        description,
        images
      })
    );
  }

  /**
   * One page of a study's images. It may be shorter than `limit` though more follow: a search by title reads eight pages of
   * OMERO at most, and then hands over a cursor. Rejects with the failure of OMERO where nothing else is to be shown.
   */
  async page(study: IIdrStudy, list: IStudyList, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    throwIfAborted(signal);
    const scope = await this.scopeOf(study, list, query);
    const limit = Math.max(1, Math.min(query.limit ?? PAGE, MAX_PAGE));
    const items: IImageRecord[] = [];
    const seen = new Set<string>();
    const answers: IRelayAnswer[] = [];
    let next: IPosition | undefined = positionOf(query.cursor);
    let isDown = false;
    for (let asked = 0; asked < MAX_ASKED && items.length < limit && next !== undefined && !isDown; asked++) {
      try {
        const step: IStep = await this.step(scope, next, limit - items.length, signal);
        for (const item of step.items) {
          // An image can lie in two datasets, and a server in trouble may say a row twice.
          if (!seen.has(item.id)) {
            seen.add(item.id);
            items.push(item);
          }
        }
        answers.push(...step.answers);
        next = step.next;
      } catch (error) {
        // What is there already is shown; whoever asks for the next page is told what happened.
        if (items.length === 0 || !isBioImageError(error)) {
          throw error;
        }
        isDown = true;
      }
    }
    const numbers = items.map(imageNumber).filter(number => number !== undefined);
    const pictures = isDown ? new Map<number, string>() : await thumbnails(this.environment.relay, numbers, signal);
    const from = fromOfAll(answers);
    return {
      items: withPictures(items, pictures),
      ...totalOf(scope),
      ...(next === undefined ? {} : { cursor: `${next.container}.${next.dataset}.${next.offset}` }),
      ...(from === undefined ? {} : { from })
    };
  }

  /** `query.dataset` is the key of a container, or `dataset:<number>` for a dataset of any project of the study. */
  private async scopeOf(study: IIdrStudy, list: IStudyList, query: IQuery): Promise<IScope> {
    const { dataset } = query;
    const [, digits] = /^dataset:(\d{1,15})$/.exec(dataset ?? '') ?? [];
    const mine = ({ kind, id }: IContainer): boolean => containerKey(kind, id) === dataset;
    const containers =
      dataset === undefined
        ? study.containers
        : study.containers.filter(one => (digits === undefined ? mine(one) : one.kind === 'project'));
    const isWhole = containers.length === study.containers.length && digits === undefined;
    const known = isWhole ? list.known.ofStudy(study.item.accession).map(one => recordOfKnown(one, list)) : [];
    return {
      study,
      list,
      containers,
      known,
      text: query.text.trim(),
      rewrites: await this.environment.rewrites(),
      ...(digits === undefined ? {} : { onlyDataset: Number(digits) })
    };
  }

  /** The next items from one place; a place beyond the end has none, and is the end. */
  private async step(scope: IScope, at: IPosition, room: number, signal: AbortSignal): Promise<IStep> {
    if (at.container < 0) {
      return knownStep(scope, at, room);
    }
    const container = scope.containers.at(at.container);
    if (container === undefined) {
      return { items: [], answers: [] };
    }
    const following = { container: at.container + 1, dataset: 0, offset: 0 };
    const after = following.container < scope.containers.length ? following : undefined;
    if (container.kind === 'screen') {
      return this.read(
        scope,
        { path: `screens/${container.id}/plates`, kind: 'plate', dataset: containerKey('screen', container.id) },
        at,
        room,
        after,
        signal
      );
    }
    const datasets = await this.datasets(container.id, signal);
    const wanted = datasets.filter(({ id }) => scope.onlyDataset === undefined || id === scope.onlyDataset);
    const dataset = wanted.at(at.dataset);
    if (dataset === undefined) {
      return { items: [], answers: [], ...(after === undefined ? {} : { next: after }) };
    }
    const isLast = at.dataset + 1 >= wanted.length;
    return this.read(
      scope,
      { path: `datasets/${dataset.id}/images`, kind: 'image', dataset: `dataset:${dataset.id}` },
      at,
      room,
      isLast ? after : { ...at, dataset: at.dataset + 1, offset: 0 },
      signal
    );
  }

  /** Reads one page of a list of OMERO; `after` is where to go on at its end. */
  private async read(
    { study, list, known, text, rewrites }: IScope,
    part: { path: string; kind: 'image' | 'plate'; dataset: string },
    at: IPosition,
    room: number,
    after: IPosition | undefined,
    signal: AbortSignal
  ): Promise<IStep> {
    const listed = new Set(known.map(({ id }) => id));
    const query = { limit: text === '' && listed.size === 0 ? room : CHUNK, offset: at.offset };
    const { items: found, total, answer } = await omeroPage(this.environment.relay, part.path, query, signal);
    const items: IImageRecord[] = [];
    let taken = 0;
    for (; taken < found.length && items.length < room; taken++) {
      const said = saidByOmero(part.kind, found[taken], rewrites);
      const record = said === undefined ? undefined : recordOf({ ...said, dataset: part.dataset }, list, study);
      if (record !== undefined && !listed.has(record.id) && (text === '' || matchesText(record.title, text))) {
        items.push(record);
      }
    }
    const offset = at.offset + taken;
    const isEnd = found.length === 0 || (taken === found.length && total !== undefined && offset >= total);
    const next = isEnd ? after : { ...at, offset };
    return { items, answers: [answer], ...(next === undefined ? {} : { next }) };
  }

  private readonly projects: Remembered<readonly IOmeroDataset[]>;
}

/** Known images need no request; after them the first container is asked. */
function knownStep({ known, text, containers }: IScope, at: IPosition, room: number): IStep {
  const matching = text === '' ? known : known.filter(({ title }) => matchesText(title, text));
  const items = matching.slice(at.offset, at.offset + room);
  const offset = at.offset + items.length;
  const next = offset < matching.length ? { ...at, offset } : { container: 0, dataset: 0, offset: 0 };
  return { items, answers: [], ...(containers.length === 0 ? {} : { next }) };
}

/** How many images a project has and how many plates a screen has; known where nothing is left out of the list. */
function totalOf({ containers, known, text, onlyDataset }: IScope): { total?: number; exact?: boolean } {
  const counts = containers.map(({ kind, images, children }) => (kind === 'screen' ? children : images));
  if (text !== '' || onlyDataset !== undefined || counts.some(count => count === undefined)) {
    return {};
  }
  const sum = counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  if (!Number.isSafeInteger(sum)) {
    return {};
  }
  // Known images of a screen are listed beside its plates, which are what is counted.
  const isScreen = containers.every(({ kind }) => kind === 'screen');
  const extra = isScreen ? known.filter(({ id }) => id.startsWith('image:')).length : 0;
  return { total: sum + extra, exact: isScreen || containers.every(({ kind }) => kind === 'project') };
}
