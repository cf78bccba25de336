import { isBioImageError, say, SharedTask, throwIfAborted } from '../../../core';
import type { Said } from '../../../core';
import type { IPage } from '../../../entities';
import { maxAgeOf } from '../../age';
import type { MaxAge } from '../../age';
import { fromOf } from '../../fields';
import type { ICatalogueEnvironment, IRelayAnswer, IRewrite, Relay } from '../../source';
import { studyAnnotations } from './annotations';
import { containerKey, groupContainers } from './containers';
import type { ContainerKind, IContainer } from './containers';
import { omeroList, omeroNamed } from './omero';
import { containerImages } from './searchengine';
import { studyOf } from './studies';
import type { IIdrStudy } from './studies';
import { isPlate, knownDownloads, KnownImages } from './known';
import { knownSamples, SAMPLES } from './samples';
import { tableOfDownloads, tableOfStudies, TABLES } from './tables';
import type { IDownload } from './tables';
import type { IKnown } from './known';

/** How long a list with parts missing is used before they are asked for again, in ms: not at every key that is typed. */
export const RETRY_AFTER = 60_000;

/** All studies of IDR, as far as they could be read. */
export interface IStudyList {
  /** Newest first. */
  readonly studies: readonly IIdrStudy[];
  /** By key of a container. */
  readonly byContainer: ReadonlyMap<string, IIdrStudy>;
  /** By accession, lower case. */
  readonly byAccession: ReadonlyMap<string, IIdrStudy>;
  /** By number of the image that stands for a study in the table of downloads. */
  readonly byImage: ReadonlyMap<number, IIdrStudy>;
  readonly known: KnownImages;
  /** What could not be read, in words. */
  readonly notices: readonly Said[];
  readonly from?: IPage<unknown>['from'];
}

/** A part of the list that others can do without: its value, or the failure in words. */
interface IPart<T> {
  value?: T;
  notice?: Said;
}

async function part<T>(work: Promise<T>, notice: Said): Promise<IPart<T>> {
  try {
    return { value: await work };
  } catch (error) {
    if (!isBioImageError(error)) {
      throw error;
    }
    return { notice };
  }
}

/** Where answers came from together: a recorded one makes all of it recorded, the oldest decides the age. */
export function fromOfAll(answers: readonly IRelayAnswer[]): IPage<unknown>['from'] {
  const old = answers.map(answer => fromOf(answer).from).filter(from => from !== undefined);
  if (old.length === 0) {
    return undefined;
  }
  const ages = old.map(({ age }) => age).filter(age => age !== undefined);
  const kind = old.some(one => one.kind === 'recorded') ? 'recorded' : 'cache';
  return { kind, ...(ages.length === 0 ? {} : { age: Math.max(...ages) }) };
}

/**
 * The list of studies, read once in a session. It costs six requests: projects, screens, their annotations, counts of images,
 * and the two tables that know OME-Zarr addresses. Nothing of it is needed again for a search.
 */
export class StudyList {
  constructor(
    private readonly environment: ICatalogueEnvironment,
    private readonly services: readonly string[],
    private readonly now: () => number = Date.now
  ) {
    this.maxAge = maxAgeOf(environment);
  }

  /** What has been read so far, without asking for anything. */
  get peek(): IStudyList | undefined {
    return this.read;
  }

  /** The list; rejects with the failure where neither IDR nor its tables answer, and tries again the next time. */
  async get(signal: AbortSignal): Promise<IStudyList> {
    throwIfAborted(signal);
    const isOld = this.now() >= Math.min(this.until, this.begun + this.maxAge());
    if (this.task === null || this.task.abandoned || (this.task.settled && isOld)) {
      this.until = Infinity;
      this.begun = this.now();
      this.task = this.begin();
    }
    return this.task.join(signal);
  }

  /** Several callers share the work; a failure is forgotten, so that the next one tries again. */
  private begin(): SharedTask<IStudyList> {
    const task = new SharedTask(async signal => {
      try {
        const list = await this.load(signal);
        this.read = list;
        this.until = list.notices.length === 0 ? Infinity : this.now() + RETRY_AFTER;
        return list;
      } catch (error) {
        if (this.task === task) {
          this.task = null;
        }
        throw error;
      }
    });
    return task;
  }

  private async load(signal: AbortSignal): Promise<IStudyList> {
    const { relay } = this.environment;
    const [omero, counts, downloads, samples] = await Promise.all([
      this.containers(signal),
      part(containerImages(relay, signal), say`Numbers of images are missing: IDR’s search engine did not answer.`),
      part(
        this.ofService(TABLES, tableOfDownloads, signal),
        say`Some images are not known to be viewable: the table of downloads did not answer.`
      ),
      part(
        this.ofService(SAMPLES, knownSamples, signal),
        say`Some images are not known to be viewable: the table of samples did not answer.`
      )
    ]);
    const images = new Map(counts.value?.containers.map(one => [one.key, one.images]));
    const parts = [counts, downloads, samples];
    return listOf({
      containers: omero.containers.map(one => ({
        ...one,
        images: images.get(containerKey(one.kind, one.id)) ?? one.images
      })),
      downloads: downloads.value?.downloads,
      samples: samples.value?.samples,
      notices: [...omero.notices, ...parts.map(({ notice }) => notice).filter(notice => notice !== undefined)],
      from: fromOfAll([...omero.answers, ...parts.flatMap(({ value }) => (value === undefined ? [] : [value.answer]))])
    });
  }

  /** A table of another service, or nothing where the relay does not know the service. */
  private async ofService<T>(
    service: string,
    read: (relay: Relay, rewrites: readonly IRewrite[], signal: AbortSignal) => Promise<T>,
    signal: AbortSignal
  ): Promise<T | undefined> {
    if (!this.services.includes(service)) {
      return undefined;
    }
    return read(this.environment.relay, await this.environment.rewrites(), signal);
  }

  /** Projects and screens with their annotations, or where IDR does not answer what its table of studies says of them. */
  private async containers(
    signal: AbortSignal
  ): Promise<{ containers: IContainer[]; answers: IRelayAnswer[]; notices: Said[] }> {
    try {
      return await this.fromOmero(signal);
    } catch (error) {
      if (!isBioImageError(error) || !this.services.includes(TABLES)) {
        throw error;
      }
      const table = await part(tableOfStudies(this.environment.relay, signal), say``);
      if (table.value === undefined || table.value.containers.length === 0) {
        throw error;
      }
      const { containers, answer } = table.value;
      // The table is not the service: the page says that it comes from somewhere else, also where the table is fresh.
      const old: IRelayAnswer = answer.from === 'service' ? { ...answer, from: 'cache' } : answer;
      const notice = say`IDR did not answer: this is its published table of studies, without titles and annotations.`;
      return { containers, answers: [old], notices: [notice] };
    }
  }

  /** Both lists, then the annotations of all that is in them: these cannot be asked for before the numbers are known. */
  private async fromOmero(
    signal: AbortSignal
  ): Promise<{ containers: IContainer[]; answers: IRelayAnswer[]; notices: Said[] }> {
    const { relay } = this.environment;
    const lists = await Promise.all(
      (['project', 'screen'] as const).map(async kind => {
        const { items, answers } = await omeroList(relay, `${kind}s`, { childCount: true }, signal);
        return { kind, answers, containers: items.flatMap(item => containerOf(kind, item)) };
      })
    );
    const containers = lists.flatMap(list => list.containers);
    const annotations = await part(
      studyAnnotations(relay, containers, signal),
      say`Titles and descriptions are missing: IDR’s annotations could not be read.`
    );
    const pairs = annotations.value?.pairs;
    return {
      containers: containers.map(one => ({ ...one, values: pairs?.get(containerKey(one.kind, one.id)) ?? [] })),
      answers: [...lists.flatMap(list => list.answers), ...(annotations.value?.answers ?? [])],
      notices: annotations.notice === undefined ? [] : [annotations.notice]
    };
  }

  private task: SharedTask<IStudyList> | null = null;
  private read: IStudyList | undefined;
  private until = Infinity;
  private begun = 0;
  private readonly maxAge: MaxAge;
}

/** A container of the JSON API; one without children holds nothing and is left out, one that does not say is kept. */
function containerOf(kind: ContainerKind, item: unknown): IContainer[] {
  const named = omeroNamed(item);
  if (named === undefined || named.children === 0) {
    return [];
  }
  return [{ ...named, kind, name: named.name ?? containerKey(kind, named.id), values: [] }];
}

/** Puts together what the parts say. `downloads` and `samples` are absent where their tables were not read. */
function listOf(parts: {
  containers: readonly IContainer[];
  downloads?: readonly IDownload[];
  samples?: readonly IKnown[];
  notices: readonly Said[];
  from: IStudyList['from'];
}): IStudyList {
  const groups = groupContainers(parts.containers);
  const isScreen = (accession: string): boolean => (groups.get(accession) ?? []).every(({ kind }) => kind === 'screen');
  const known = new KnownImages([...knownDownloads(parts.downloads ?? [], isScreen), ...(parts.samples ?? [])]);
  const byTable = new Map(parts.downloads?.map(download => [download.accession, download]));
  const isCounted = parts.downloads !== undefined || parts.samples !== undefined;
  const studies = [...groups].map(([accession, containers]) => {
    const viewable = known.ofStudy(accession).filter(({ place }) => place.reason === undefined);
    const images = viewable.filter(one => !isPlate(one));
    return studyOf(accession, containers, {
      download: byTable.get(accession),
      ...(isCounted ? { viewable: { images: images.length, plates: viewable.length - images.length } } : {}),
      // A plate is a picture of many, made of many requests.
      thumbnail: images.at(0)?.place.uri
    });
  });
  studies.sort((a, b) => (a.item.accession < b.item.accession ? 1 : -1));
  return {
    studies,
    byAccession: new Map(studies.map(study => [study.item.accession, study])),
    byContainer: new Map(
      studies.flatMap(study => study.containers.map(one => [containerKey(one.kind, one.id), study]))
    ),
    byImage: new Map(studies.flatMap(study => (study.download === undefined ? [] : [[study.download.image, study]]))),
    known,
    notices: parts.notices,
    ...(parts.from === undefined ? {} : { from: parts.from })
  };
}
