/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { BioImageError, say } from '../../../core';
import { StudyModel } from '../model';
import { Archive, image, study } from './archive';

const many = (count: number, changes = {}) => Array.from({ length: count }, (_, index) => image(`i${index}`, changes));
const turn = (ms = 0): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

describe('the model of a study', () => {
  let model: StudyModel;
  const make = (archive: Archive, memory?: unknown): StudyModel => {
    model = new StudyModel({ source: archive, accession: 'S-1', memory });
    return model;
  };
  afterEach(() => model.dispose());

  it('asks for the study and for the images side by side', async () => {
    const archive = new Archive({ study: study(), images: many(3) });
    archive.held.add('study').add('images');
    const loading = make(archive).load();
    await turn();
    expect(archive.asked.map(([name]) => name)).toEqual(['study', 'images']);
    expect([model.status, model.images.status, model.files.status]).toEqual(['loading', 'loading', 'idle']);
    archive.release();
    await loading;
    expect([model.status, model.images.status, model.files.status]).toEqual(['ready', 'ready', 'idle']);
    expect(model.name).toEqual({ source: 'a', accession: 'S-1', title: 'Light sheets' });
  });

  it('shows images although the study fails, and the study although images fail', async () => {
    const archive = new Archive({ images: many(3) });
    await make(archive).load();
    expect(model.error?.code).toBe('NOT_FOUND');
    expect(model.images.items).toHaveLength(3);
    model.dispose();
    const other = new Archive({ study: study(), images: many(3) });
    other.failures.set('images', new BioImageError('UPSTREAM_SLOW', say`Slow.`));
    await make(other).load();
    expect([model.status, model.images.status, model.images.error?.code]).toEqual(['ready', 'failed', 'UPSTREAM_SLOW']);
    other.failures.clear();
    await model.images.retry();
    expect(model.images.items).toHaveLength(3);
    expect(other.count('study')).toBe(1);
  });

  it('tries again for the study and for what failed with it', async () => {
    const archive = new Archive({ study: study(), images: many(3) });
    archive.failures.set('study', new Error('x')).set('images', new Error('y'));
    await make(archive).load();
    expect([model.error?.code, model.images.error?.code]).toEqual(['INTERNAL', 'INTERNAL']);
    archive.failures.clear();
    await model.retry();
    expect([model.status, model.images.status]).toEqual(['ready', 'ready']);
    await model.retry();
    expect(archive.count('study')).toBe(2);
  });

  it('asks page by page, keeps earlier pages when a later one fails, and goes on there', async () => {
    const archive = new Archive({ study: study(), images: many(250) });
    await make(archive).load();
    expect([model.images.items.length, model.images.total, model.images.hasMore]).toEqual([100, 250, true]);
    archive.failures.set('images', new BioImageError('UPSTREAM_DOWN', say`Down.`));
    await model.images.more();
    expect([model.images.status, model.images.items.length]).toEqual(['failed', 100]);
    await model.images.more();
    expect(archive.count('images')).toBe(2);
    archive.failures.clear();
    await model.images.retry();
    await model.images.more();
    await model.images.more();
    expect([model.images.items.length, model.images.hasMore]).toEqual([250, false]);
    expect(archive.asked.filter(([name]) => name === 'images').map(([, query]) => query?.cursor)).toEqual([
      undefined,
      '100',
      '100',
      '200'
    ]);
  });

  it('asks for one page at a time', async () => {
    const archive = new Archive({ study: study(), images: many(250) });
    await make(archive).load();
    archive.held.add('images');
    void model.images.more();
    void model.images.more();
    await turn();
    expect(archive.count('images')).toBe(2);
  });

  it('stops where pages go round in circles, and does not go on by itself after an empty one', async () => {
    const circle = new Archive({ study: study(), images: many(2), page: page => ({ ...page, cursor: 'again' }) });
    await make(circle).load();
    await model.images.more();
    await model.images.more();
    expect(circle.count('images')).toBe(2);
    model.dispose();
    const empty = new Archive({
      study: study(),
      images: [],
      page: page => ({ ...page, cursor: String(Math.random()) })
    });
    await make(empty).load();
    expect([model.images.isStalled, model.images.hasMore]).toEqual([true, true]);
  });

  it('bounds what it keeps', async () => {
    const flood = new Archive({
      study: study(),
      images: [],
      page: () => ({ items: many(60_000), cursor: String(Math.random()) })
    });
    await make(flood).load();
    await model.images.more();
    expect([model.images.items.length, model.images.hasMore]).toEqual([100_000, false]);
  });

  it('aborts the question before when a filter changes, and drops its answer', async () => {
    const archive = new Archive({ study: study(), images: many(30) });
    archive.held.add('images');
    void make(archive).load();
    await turn();
    const filtering = model.images.filter({ text: 'i1' });
    await turn();
    expect(archive.aborted).toBe(1);
    archive.release();
    await filtering;
    expect(model.images.items.map(({ id }) => id)).toEqual([
      'i1',
      ...many(20)
        .slice(10)
        .map(({ id }) => id)
    ]);
  });

  it('drops late answers of a source that hears no signal', async () => {
    const answers: ((value: never) => void)[] = [];
    const late = (): Promise<never> => new Promise(resolve => answers.push(resolve));
    const archive = new Archive({});
    Object.defineProperties(archive, { study: { value: late }, images: { value: late } });
    void make(archive).load();
    void model.images.filter({ text: 'x' });
    await turn();
    expect(answers).toHaveLength(3);
    answers[1]({ items: many(3) } as never);
    await turn();
    expect([model.images.status, model.images.items]).toEqual(['loading', []]);
    model.dispose();
    answers.forEach(answer => answer({ items: many(2) } as never));
    await turn();
    expect([model.images.items, model.details]).toEqual([[], null]);
  });

  it('waits for a pause in typing', async () => {
    const archive = new Archive({ study: study(), images: many(30) });
    await make(archive).load();
    for (const text of ['i', 'i2', 'i29']) {
      model.images.type(text);
    }
    await turn(400);
    expect(archive.asked.filter(([name]) => name === 'images').map(([, query]) => query?.text)).toEqual(['', 'i29']);
    expect(model.images.items.map(({ id }) => id)).toEqual(['i29']);
  });

  it('leaves no question behind when it goes', async () => {
    const archive = new Archive({ study: study(), images: many(3), files: [] });
    archive.held.add('study').add('images').add('files');
    void make(archive).load();
    void model.show('files');
    await turn();
    let told = 0;
    model.changed.connect(() => void told++);
    model.dispose();
    archive.release();
    await turn();
    expect([archive.aborted, told]).toEqual([3, 0]);
    expect(model.details).toBeNull();
  });

  it('shows viewable images only, and asks on while there may be more of them', async () => {
    const images = [...many(150), ...many(500, { viewable: false })];
    const archive = new Archive({ study: study(), images });
    await make(archive).load();
    model.setOnlyViewable(true);
    expect([model.shownImages.length, model.hasMoreImages]).toEqual([100, true]);
    await model.images.more();
    expect([model.shownImages.length, model.hasMoreImages]).toEqual([150, false]);
    expect(model.shownImages).toBe(model.shownImages);
    model.setOnlyViewable(false);
    expect([model.shownImages.length, model.hasMoreImages]).toEqual([200, true]);
  });

  it('remembers tab, layout, filters and places, as plain JSON', async () => {
    const archive = new Archive({ study: study(), images: many(30), files: [] });
    await make(archive).load();
    model.setLayout('grid');
    model.setOnlyViewable(true);
    await model.showDataset('files', 'd1');
    await model.images.filter({ text: 'i1' });
    model.scrolled('images', 120.4);
    const memory = JSON.parse(JSON.stringify(model.memory)) as unknown;
    model.dispose();
    await make(archive, memory).load();
    expect(model.memory).toEqual(memory);
    expect([model.tab, model.layout, model.onlyViewable, model.files.dataset]).toEqual(['files', 'grid', true, 'd1']);
    await model.show('images');
    expect([model.images.items.length, model.images.scroll]).toEqual([11, 120]);
  });

  it('tells those who keep the memory once scrolling rests', async () => {
    await make(new Archive({ study: study(), images: many(3) })).load();
    let told = 0;
    model.changed.connect(() => void told++);
    for (let scroll = 0; scroll < 50; scroll++) {
      model.scrolled('images', scroll);
    }
    expect(told).toBe(0);
    await turn(600);
    expect(told).toBe(1);
  });

  it('does not load for ever when a source gives up by itself', async () => {
    const archive = new Archive({ study: study(), images: many(3) });
    archive.failures
      .set('images', new DOMException('x', 'AbortError'))
      .set('study', new DOMException('x', 'AbortError'));
    await make(archive).load();
    expect([model.status, model.images.status]).toEqual(['failed', 'failed']);
  });

  it('says so where a catalogue has no studies', async () => {
    const archive = new Archive({});
    Object.defineProperty(archive, 'study', { value: undefined });
    await make(archive).load();
    expect(model.error?.code).toBe('UNSUPPORTED');
  });
});
